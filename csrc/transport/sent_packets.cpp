#include "transport/sent_packets.h"

#include "modules/rtp_rtcp/source/rtcp_packet/transport_feedback.h"

namespace sora {
namespace {

using webrtc::TimeDelta;
using webrtc::Timestamp;

constexpr size_t kFirstEntries = 256, kMostEntries = 16'384;

// A packet that nothing was said of for so long is not waited for any more.
constexpr int64_t kForgottenUs = 3'000'000;

// A peer whose clock jumps by more than this has another clock from here on.
constexpr TimeDelta kLargestJump = TimeDelta::Seconds(600);

}  // namespace

SentPackets::SentPackets() : entries_(kFirstEntries) {}

void SentPackets::Add(size_t size, bool audio, int32_t probe, int64_t now_us) {
  Entry* entry = &At(next_);
  if (entry->state == State::kInFlight) {
    if (now_us - entry->sent_us < kForgottenUs && entries_.size() < kMostEntries) {
      Grow();
      entry = &At(next_);
    }
    if (entry->state == State::kInFlight) in_flight_ -= entry->size;
  }
  *entry = {.number = next_,
            .sent_us = now_us,
            .probe = probe,
            .size = static_cast<uint16_t>(size),
            .audio = audio,
            .state = State::kInFlight};
  in_flight_ += size;
  ++next_;
}

void SentPackets::Grow() {
  std::vector<Entry> old(entries_.size() * 2);
  old.swap(entries_);
  for (const Entry& entry : old)
    if (entry.number >= 0) At(entry.number) = entry;
}

const std::vector<SentPackets::Acknowledged>& SentPackets::Resolve(const webrtc::rtcp::TransportFeedback& feedback,
                                                                   int64_t now_us) {
  acknowledged_.clear();
  const Timestamp now = Timestamp::Micros(now_us);
  const TimeDelta step = base_.IsFinite() ? feedback.GetBaseDelta(base_) : TimeDelta::Zero();
  const bool follows = base_.IsFinite() && step.Abs() <= kLargestJump && (offset_ + step - now).Abs() <= kLargestJump;
  offset_ = follows ? offset_ + step : now;
  base_ = feedback.BaseTime();
  feedback.ForAllPackets([&](uint16_t low, TimeDelta since_base) {
    // The latest packet with these 16 bits.
    const int64_t number = next_ - 1 - static_cast<uint16_t>(static_cast<uint16_t>(next_ - 1) - low);
    if (number < 0) return;
    Entry& entry = At(number);
    if (entry.number != number || entry.state == State::kReceived) return;
    const bool received = since_base.IsFinite();
    if (!received && entry.state == State::kLost) return;
    if (entry.state == State::kInFlight) in_flight_ -= entry.size;
    entry.state = received ? State::kReceived : State::kLost;
    Acknowledged& one = acknowledged_.emplace_back();
    one.probe = entry.probe;
    one.result.sent_packet.send_time = Timestamp::Micros(entry.sent_us);
    one.result.sent_packet.size = webrtc::DataSize::Bytes(entry.size);
    one.result.sent_packet.sequence_number = number;
    one.result.sent_packet.audio = entry.audio;
    if (received) one.result.receive_time = offset_ + since_base;
  });
  return acknowledged_;
}

}  // namespace sora
