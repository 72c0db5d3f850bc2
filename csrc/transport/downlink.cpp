#include "transport/downlink.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "modules/rtp_rtcp/source/rtcp_packet/common_header.h"
#include "modules/rtp_rtcp/source/rtcp_packet/transport_feedback.h"
#include "transport/network_order.h"

namespace sora {
namespace {

// What the layers below add to a packet: UDP and IPv4.
constexpr size_t kOverhead = 28;

// An RTP header with one extension of two bytes, and padding, whose last byte counts it.
constexpr size_t kPaddingHeader = 20, kPadding = 236, kNumberAt = 17;

constexpr int64_t kReportUs = 100'000;
constexpr int64_t kReportPercent = 3;

// The interval at which the estimate is looked after while nothing else leads to it.
constexpr int64_t kIdleUs = 200'000;

// Feedback: SSRCs, base sequence number, and how many packets it is about.
constexpr size_t kFeedbackCountAt = 10;

}  // namespace

bool Downlink::Admit(std::span<uint8_t> packet, size_t number_at, Kind kind, int64_t now_us) {
  if (kind == Kind::kVideo) pacer_.Offer(packet.size() + kOverhead, now_us);
  if (kind == Kind::kVideo && !pacer_.free(now_us)) {
    ++(pacer_.Hold(packet, static_cast<uint32_t>(number_at), now_us) ? figures_.held : figures_.dropped);
    return false;
  }
  kind_ = kind;
  Number(packet.data(), number_at);
  return true;
}

void Downlink::Number(uint8_t* packet, size_t number_at) {
  probe_ = bandwidth_ && kind_ == Kind::kVideo ? bandwidth_->probing() : 0;
  Write16(packet + number_at, sent_.next());
  if (kind_ == Kind::kAudio) return;
  const uint32_t ssrc = Read32(packet + 8);
  timestamp_ = Read32(packet + 4);
  if (padding_ && ssrc == padding_->ssrc) Write16(packet + 2, padding_->sequence++);
}

void Downlink::OnProtected(size_t size, int64_t now_us) {
  const size_t bytes = size + kOverhead;
  sent_.Add(bytes, kind_ == Kind::kAudio, probe_, now_us);
  pacer_.Spend(bytes);
  if (bandwidth_) bandwidth_->OnSent(bytes, now_us);
  if (!probe_) return;
  probed_ += bytes;
  if (!probing_ || probed_ < probing_->bytes) return;
  bandwidth_->OnProbeSent(std::exchange(probed_, 0), now_us);
  probing_.reset();
}

size_t Downlink::Take(std::span<uint8_t> to, int64_t now_us) {
  kind_ = Kind::kVideo;
  if (const auto held = pacer_.Take(now_us)) {
    std::memcpy(to.data(), held->packet.data(), held->packet.size());
    Number(to.data(), held->mark);
    return held->packet.size();
  }
  if (!bandwidth_) return 0;
  bandwidth_->Process(now_us);
  if (!padding_) return 0;
  if (!probing_) probing_ = bandwidth_->ProbeNow(now_us);
  return probing_ ? WritePadding(to) : 0;
}

size_t Downlink::WritePadding(std::span<uint8_t> to) {
  std::memset(to.data(), 0, kPaddingHeader + kPadding);
  to[0] = 0xb0;  // version 2, padding, extension
  to[1] = padding_->payload_type;
  Write16(&to[2], padding_->sequence++);
  Write32(&to[4], timestamp_);
  Write32(&to[8], padding_->ssrc);
  Write16(&to[12], 0xbede);
  Write16(&to[14], 1);
  to[16] = static_cast<uint8_t>(padding_->extension << 4 | 1);
  Write16(&to[kNumberAt], sent_.next());
  to[kPaddingHeader + kPadding - 1] = kPadding;
  probe_ = probing_->id;
  ++figures_.padding;
  return kPaddingHeader + kPadding;
}

std::optional<int64_t> Downlink::NextUs(int64_t now_us) {
  std::optional<int64_t> next = pacer_.NextUs();
  const auto consider = [&next](std::optional<int64_t> due) {
    if (due) next = next ? std::min(*next, *due) : due;
  };
  if (!bandwidth_) return next;
  if (padding_) consider(bandwidth_->NextProbeUs(now_us));
  // Many of them want that: at the same times, so that the thread wakes once for all.
  if (bandwidth_->heard(now_us)) consider((now_us / kIdleUs + 1) * kIdleUs);
  return next;
}

void Downlink::OnRtcp(std::span<const uint8_t> compound, int64_t now_us) {
  webrtc::rtcp::CommonHeader header;
  for (const uint8_t* at = compound.data(); at < compound.data() + compound.size(); at = header.NextPacket()) {
    if (!header.Parse(at, static_cast<size_t>(compound.data() + compound.size() - at))) return;
    if (header.type() != webrtc::rtcp::TransportFeedback::kPacketType ||
        header.fmt() != webrtc::rtcp::TransportFeedback::kFeedbackMessageType)
      continue;
    webrtc::rtcp::TransportFeedback feedback;
    // A few bytes can speak of 65,535 packets.
    const bool sound = header.payload_size_bytes() >= kFeedbackCountAt + 2 &&
                       Read16(header.payload() + kFeedbackCountAt) <= SentPackets::kMaxStatuses && feedback.Parse(header) &&
                       feedback.IncludeTimestamps();
    if (!sound) {
      ++figures_.refused_feedback;
      continue;
    }
    const auto& acknowledged = sent_.Resolve(feedback, now_us);
    if (acknowledged.empty()) continue;
    ++figures_.feedback;
    if (!bandwidth_) bandwidth_ = std::make_unique<Bandwidth>(wanted_, now_us);
    bandwidth_->OnFeedback(acknowledged, sent_.in_flight(), now_us);
    pacer_.SetRate(bandwidth_->pacing_rate());
  }
}

void Downlink::SetPadding(uint32_t ssrc, uint8_t payload_type, uint16_t sequence, uint8_t extension) {
  padding_ = {ssrc, payload_type, sequence, extension};
}

void Downlink::Want(int64_t wanted) {
  wanted_ = wanted;
  pacer_.SetChosen(wanted > 0);
  if (bandwidth_) bandwidth_->Want(wanted);
}

std::optional<uint32_t> Downlink::TakeReport(int64_t now_us) {
  if (!bandwidth_ || now_us - reported_us_ < kReportUs) return std::nullopt;
  const int64_t target = bandwidth_->target();
  if (std::abs(target - reported_) * 100 <= reported_ * kReportPercent) return std::nullopt;
  reported_us_ = now_us;
  reported_ = target;
  return static_cast<uint32_t>(std::min<int64_t>(target, UINT32_MAX));
}

}  // namespace sora
