#include "video.h"

#include "clock.h"

namespace load {
namespace {

constexpr int64_t kFrameNs = 1'000'000'000 / 30;
constexpr int64_t kBurstNs = 2 * kMillisecond;
constexpr uint32_t kBurst = 3;
constexpr uint32_t kPacketsOfFrame[3] = {9, 9, 8};
// The packet ends with a mark and the time of sending.
constexpr uint32_t kMark = 0x5a17b0de;
constexpr size_t kTail = 12;

void Write16(uint8_t* at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}
void Write32(uint8_t* at, uint32_t value) {
  Write16(at, static_cast<uint16_t>(value >> 16));
  Write16(at + 2, static_cast<uint16_t>(value));
}

}  // namespace

Video::Video(const VideoSettings& settings, int64_t begin_ns)
    : ssrc_(settings.ssrc), begin_ns_(begin_ns), due_ns_(begin_ns) {
  header_[0] = 0x80;
  header_[1] = settings.payload_type;
  Write32(&header_[8], settings.ssrc);
  // Extensions of one byte (RFC 8285).
  size_t at = 16;
  if (settings.sequence_extension) {
    header_[at] = static_cast<uint8_t>(settings.sequence_extension << 4 | 1);
    sequence_at_ = at + 1;
    at += 3;
  }
  if (settings.mid_extension && !settings.mid.empty() && settings.mid.size() <= 16) {
    header_[at] = static_cast<uint8_t>(settings.mid_extension << 4 | (settings.mid.size() - 1));
    std::memcpy(&header_[at + 1], settings.mid.data(), settings.mid.size());
    at += 1 + settings.mid.size();
  }
  if (at == 16) return;
  at = (at + 3) / 4 * 4;
  header_[0] |= 0x10;
  Write16(&header_[12], 0xbede);
  Write16(&header_[14], static_cast<uint16_t>((at - 16) / 4));
  header_size_ = at;
}

void Video::Resume(int64_t begin_ns) {
  begin_ns_ = due_ns_ = begin_ns;
  frame_ = in_frame_ = 0;
}

void Video::Write(std::span<uint8_t> packet, int64_t now_ns) {
  std::memcpy(packet.data(), header_.data(), header_size_);
  const uint32_t packets = kPacketsOfFrame[frame_ % 3];
  const bool last = in_frame_ + 1 == packets;
  if (last) packet[1] |= 0x80;
  Write16(&packet[2], sequence_++);
  Write32(&packet[4], timestamp_);
  if (sequence_at_) Write16(&packet[sequence_at_], transport_sequence_++);
  uint8_t* const tail = packet.data() + kPacket - kTail;
  Write32(tail, kMark);
  std::memcpy(tail + 4, &now_ns, sizeof now_ns);
  ++sent_;
  if (last) {
    ++frame_;
    in_frame_ = 0;
    timestamp_ += 3000;
    due_ns_ = begin_ns_ + int64_t{frame_} * kFrameNs;
  } else {
    if (++in_frame_ % kBurst == 0) due_ns_ += kBurstNs;
  }
}

std::array<uint8_t, 28> Video::Report(int64_t now_ns) const {
  std::array<uint8_t, 28> report{0x80, 200, 0, 6};
  Write32(&report[4], ssrc_);
  Write32(&report[8], static_cast<uint32_t>(now_ns / 1'000'000'000));
  Write32(&report[12], static_cast<uint32_t>((static_cast<uint64_t>(now_ns % 1'000'000'000) << 32) / 1'000'000'000));
  Write32(&report[16], timestamp_);
  Write32(&report[20], static_cast<uint32_t>(sent_));
  Write32(&report[24], static_cast<uint32_t>(sent_ * kPacket));
  return report;
}

std::optional<int64_t> Video::SentAt(std::span<const uint8_t> packet) {
  if (packet.size() < kTail) return std::nullopt;
  const uint8_t* const tail = packet.data() + packet.size() - kTail;
  uint8_t mark[4];
  Write32(mark, kMark);
  if (std::memcmp(tail, mark, sizeof mark) != 0) return std::nullopt;
  int64_t sent_ns = 0;
  std::memcpy(&sent_ns, tail + 4, sizeof sent_ns);
  return sent_ns;
}

}  // namespace load
