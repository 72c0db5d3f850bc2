#include "stream.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace load {
namespace {

void Write16(uint8_t* at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}
void Write32(uint8_t* at, uint32_t value) {
  Write16(at, static_cast<uint16_t>(value >> 16));
  Write16(at + 2, static_cast<uint16_t>(value));
}

std::span<const uint8_t> Bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

Stream::Stream(const StreamSettings& settings, int64_t begin_ns) : settings_(settings), due_ns_(begin_ns) {
  if (settings.bytes < kMinPacket || settings.bytes > kMaxPacket || settings.packets == 0 || settings.interval_ns <= 0)
    throw std::runtime_error("no such stream");
  header_[0] = 0x80;
  header_[1] = settings.payload_type;
  Write32(&header_[8], settings.ssrc);
  header_size_ = 16;
  constexpr uint8_t kNoNumber[2] = {};
  if (settings.sequence_extension) sequence_at_ = header_size_ + 1;
  Extend(settings.sequence_extension, kNoNumber);
  Extend(settings.level_extension, std::span(&settings.level, 1));
  Extend(settings.mid_extension, Bytes(settings.mid));
  Extend(settings.rid_extension, Bytes(settings.rid));
  header_size_ = (header_size_ + 3) / 4 * 4;
  header_[0] |= 0x10;
  Write16(&header_[12], 0xbede);
  Write16(&header_[14], static_cast<uint16_t>((header_size_ - 16) / 4));
}

void Stream::Extend(uint8_t id, std::span<const uint8_t> value) {
  if (id == 0 || value.empty()) return;
  if (id > 14 || value.size() > 16) throw std::runtime_error("no such extension");
  header_[header_size_] = static_cast<uint8_t>(id << 4 | (value.size() - 1));
  std::ranges::copy(value, &header_[header_size_ + 1]);
  header_size_ += 1 + value.size();
}

size_t Stream::Write(std::span<uint8_t> packet, uint16_t transport_sequence) {
  std::memcpy(packet.data(), header_.data(), header_size_);
  const bool first = in_frame_ == 0, last = in_frame_ + 1 == settings_.packets;
  if (last && settings_.video) packet[1] |= 0x80;
  Write16(&packet[2], sequence_++);
  Write32(&packet[4], timestamp_);
  if (sequence_at_) Write16(&packet[sequence_at_], transport_sequence);
  uint8_t* const payload = packet.data() + header_size_;
  std::memset(payload, 0, settings_.bytes - header_size_);
  if (settings_.video) {
    // A descriptor with a picture id of 15 bits; the frame's first byte is 0, a key frame's.
    payload[0] = first ? 0x90 : 0x80;
    payload[1] = 0x80;
    Write16(&payload[2], picture_ | 0x8000);
  }
  if (last) {
    in_frame_ = 0;
    picture_ = (picture_ + 1) & 0x7fff;
    timestamp_ += static_cast<uint32_t>(settings_.interval_ns * settings_.clock_rate / 1'000'000'000);
    due_ns_ += settings_.interval_ns;
  } else {
    ++in_frame_;
  }
  return settings_.bytes;
}

}  // namespace load
