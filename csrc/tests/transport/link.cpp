#include "link.h"

#include <algorithm>

#include "modules/rtp_rtcp/source/rtcp_packet/transport_feedback.h"
#include "transport/network_order.h"

namespace test {
namespace {

constexpr size_t kHeader = 20, kNumberAt = 17, kTag = 16, kLargest = 1100;

}  // namespace

Link::Link() { downlink.SetPadding(kRetransmissions, kRetransmissionType, 0, kExtension); }

void Link::Send(uint32_t ssrc, size_t size, sora::Downlink::Kind kind) {
  std::vector<uint8_t> packet(size);
  const uint8_t head[] = {0x90, static_cast<uint8_t>(kind == sora::Downlink::Kind::kAudio ? 109 : 96)};
  std::ranges::copy(head, packet.begin());
  uint16_t& sequence = kind == sora::Downlink::Kind::kAudio ? audio_sequence_ : video_sequence_;
  if (kind == sora::Downlink::Kind::kVideo) given_us[sequence] = now_us;
  sora::Write16(&packet[2], sequence++);
  sora::Write32(&packet[8], ssrc);
  const uint8_t extension[] = {0xbe, 0xde, 0, 1, kExtension << 4 | 1};
  std::ranges::copy(extension, packet.begin() + 12);
  if (downlink.Admit(packet, kNumberAt, kind, now_us)) Pass(packet);
}

void Link::Pass(std::span<const uint8_t> packet) {
  const size_t size = packet.size() + kTag;
  downlink.OnProtected(size, now_us);
  bytes_sent += size + 28;
  if (std::uniform_real_distribution<>()(random_) < loss) return;
  int64_t leaves_us = now_us;
  if (capacity) {
    free_us_ = std::max(free_us_, now_us);
    if (free_us_ - now_us > longest_queue_us) return;
    free_us_ += static_cast<int64_t>(size + 28) * 8'000'000 / capacity;
    leaves_us = free_us_;
  }
  const int64_t jitter = jitter_us ? static_cast<int64_t>(random_() % static_cast<uint64_t>(jitter_us)) : 0;
  wire_.push_back({now_us, leaves_us + delay_us + jitter, {packet.begin(), packet.end()}});
}

void Link::Answer() {
  if (unanswered_.empty()) return;
  // In the order of their numbers, which is not that of their arrival.
  const uint16_t first = unanswered_.front().first;
  std::ranges::sort(unanswered_, {}, [first](const auto& one) { return static_cast<int16_t>(one.first - first); });
  webrtc::rtcp::TransportFeedback feedback;
  feedback.SetBase(unanswered_.front().first, webrtc::Timestamp::Micros(unanswered_.front().second));
  feedback.SetFeedbackSequenceNumber(feedback_++);
  for (const auto& [number, arrived_us] : unanswered_)
    feedback.AddReceivedPacket(number, webrtc::Timestamp::Micros(arrived_us));
  unanswered_.clear();
  const rtc::Buffer packet = feedback.Build();
  if (answers) Receive({packet.data(), packet.size()});
}

void Link::Run(int64_t ms, const std::function<void()>& each) {
  const int64_t end_us = now_us + ms * 1000;
  for (; now_us < end_us; now_us += 1000) {
    const int64_t now_ms = now_us / 1000;
    if (now_ms % 10 == 0) each();
    if (audio && now_ms % 20 == 0) Send(kAudio, 100, sora::Downlink::Kind::kAudio);
    if (now_ms % 100 == 0 || now_ms % 100 == 33 || now_ms % 100 == 67) {
      int64_t left = video_rate() / 8 / 30;
      for (; left > 0; left -= kLargest)
        Send(kVideo, kHeader + static_cast<size_t>(std::min<int64_t>(left, kLargest)), sora::Downlink::Kind::kVideo);
    }
    if (const auto due = downlink.NextUs(now_us); due && *due <= now_us) {
      std::array<uint8_t, 2016> packet;
      while (const size_t size = downlink.Take(packet, now_us)) Pass(std::span(packet).first(size));
    }
    while (!wire_.empty()) {
      const auto next = std::ranges::min_element(wire_, {}, &Arrived::arrived_us);
      if (next->arrived_us > now_us) break;
      unanswered_.emplace_back(sora::Read16(&next->packet[kNumberAt]), next->arrived_us);
      arrived[sora::Read32(&next->packet[8])].push_back(std::move(*next));
      wire_.erase(next);
    }
    // The answer needs the time of the way back, as good as none here.
    if (now_ms % 100 == 50) Answer();
    if (const auto report = downlink.TakeReport(now_us)) {
      estimate = *report;
      ++reports;
    }
  }
}

}  // namespace test
