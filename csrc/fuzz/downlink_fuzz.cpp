// What goes down to a peer whose feedback is anything: packets that are sent, time that passes, feedback that is sound, contradicts
// itself or is no feedback at all.
#include "fuzz/fuzz.h"
#include "modules/rtp_rtcp/source/rtcp_packet/transport_feedback.h"
#include "transport/downlink.h"
#include "transport/network_order.h"

namespace {

using fuzz::Bytes;
using fuzz::Script;

enum Step : uint8_t { kVideo, kAudio, kWait, kFeedback, kAnything, kWant, kPadding, kForget, kSteps };

constexpr size_t kHeader = 20, kNumberAt = 17;

class Machine {
 public:
  explicit Machine(Script& script) : script_(script) {}

  void Run() {
    while (!script_.done()) Take(static_cast<Step>(script_.Byte() % kSteps));
  }

 private:
  void Take(Step step) {
    switch (step) {
      case kVideo: return Send(sora::Downlink::Kind::kVideo);
      case kAudio: return Send(sora::Downlink::Kind::kAudio);
      case kWait: {
        now_us_ += script_.Number(3);
        return Serve();
      }
      case kFeedback: return Answer();
      case kAnything: {
        const auto bytes = script_.Take(script_.Number(2) % 1200);
        Bytes packet = {0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2};
        packet.insert(packet.end(), bytes.begin(), bytes.end());
        packet.resize(packet.size() / 4 * 4);
        sora::Write16(&packet[2], static_cast<uint16_t>(packet.size() / 4 - 1));
        downlink_.OnRtcp(script_.Byte() & 1 ? std::span<const uint8_t>(packet) : bytes, now_us_);
        return;
      }
      case kWant: return downlink_.Want(script_.Number(4));
      case kPadding: return downlink_.SetPadding(3, 97, static_cast<uint16_t>(script_.Number(2)), 3);
      case kForget: return downlink_.Forget(3);
      case kSteps: return;
    }
  }

  void Send(sora::Downlink::Kind kind) {
    const size_t count = 1 + script_.Byte() % 64, size = kHeader + script_.Number(2) % 1200;
    for (size_t i = 0; i < count; ++i) {
      Bytes packet(size);
      packet[0] = 0x90;
      packet[11] = kind == sora::Downlink::Kind::kAudio ? 1 : 2;
      const bool now = downlink_.Admit(packet, kNumberAt, kind, now_us_);
      FUZZ_REQUIRE(now || kind == sora::Downlink::Kind::kVideo);
      if (now) Leave(packet);
    }
  }

  // Packets leave under successive numbers.
  void Leave(std::span<const uint8_t> packet) {
    FUZZ_REQUIRE(sora::Read16(&packet[kNumberAt]) == static_cast<uint16_t>(next_));
    ++next_;
    downlink_.OnProtected(packet.size() + 16, now_us_);
  }

  void Serve() {
    std::array<uint8_t, 2016> packet;
    for (size_t left = 4096; const size_t size = downlink_.Take(packet, now_us_); --left) {
      FUZZ_REQUIRE(left > 0 && size <= packet.size());
      Leave(std::span(packet).first(size));
    }
    if (const auto report = downlink_.TakeReport(now_us_)) {
      FUZZ_REQUIRE(*report >= sora::Bandwidth::kLeast && *report <= sora::Bandwidth::kMost);
      fuzz::Reached(*report / 50'000);
    }
    downlink_.NextUs(now_us_);
  }

  // Of the packets sent last, of which some arrived at times that the script says.
  void Answer() {
    const uint32_t count = 1 + script_.Number(2) % 300;
    const auto first = static_cast<uint16_t>(next_ - script_.Number(2) % 512);
    const uint8_t lost = script_.Byte(), jitter = script_.Byte();
    peer_us_ += script_.Number(3) * (script_.Byte() == 7 ? -1 : 1);
    peer_us_ = std::max<int64_t>(peer_us_, 0);
    webrtc::rtcp::TransportFeedback feedback;
    feedback.SetBase(first, webrtc::Timestamp::Micros(peer_us_));
    for (uint32_t i = 0; i < count; ++i) {
      if (lost && i % lost == 0) continue;
      if (!feedback.AddReceivedPacket(static_cast<uint16_t>(first + i), webrtc::Timestamp::Micros(peer_us_))) break;
      peer_us_ += jitter * 100;
    }
    const rtc::Buffer packet = feedback.Build();
    downlink_.OnRtcp({packet.data(), packet.size()}, now_us_);
    Serve();
  }

  Script& script_;
  sora::Downlink downlink_;
  int64_t now_us_ = 1'000'000'000;
  int64_t peer_us_ = 50'000'000;
  uint32_t next_ = 0;
};

std::vector<Bytes> downlink_seeds() {
  // Frames, time and feedback, over and over.
  Bytes seed = {kPadding, 0, 0, kWant, 0, 0x20, 0, 0};
  for (int i = 0; i < 12; ++i) {
    const uint8_t round[] = {kVideo,    20, 0x04, 0, kAudio, 0, 0, 80, kWait, 0, 0x80, 0,
                             kFeedback, 0,  22,   0, 22,     0, 5, 0,  0x80,  0, 0};
    seed.insert(seed.end(), std::begin(round), std::end(round));
  }
  return {seed};
}

}  // namespace

FUZZ_TARGET(downlink, 2'000, 2048) {
  Script script(input);
  Machine(script).Run();
}
