// A path between a Downlink and a peer that answers with transport-wide feedback, under a clock of its own: a queue with a capacity,
// delay, jitter and random loss.
#ifndef SORA_TESTS_TRANSPORT_LINK_H
#define SORA_TESTS_TRANSPORT_LINK_H

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include "transport/downlink.h"

namespace test {

class Link {
 public:
  static constexpr uint32_t kVideo = 1111, kAudio = 2222, kRetransmissions = 3333;
  static constexpr uint8_t kRetransmissionType = 97, kExtension = 3;

  Link();

  int64_t capacity = 0;  // bit/s; 0: no limit
  int64_t delay_us = 20'000;
  int64_t jitter_us = 0;
  double loss = 0;
  int64_t longest_queue_us = 300'000;
  bool answers = true;

  // What the sender sends in each frame of a thirtieth of a second, in bit/s, and audio besides.
  std::function<int64_t()> video_rate = [] { return 0; };
  bool audio = false;

  // Runs for so long; calls each() every 10 ms.
  void Run(int64_t ms, const std::function<void()>& each = [] {});
  // Hands a compound packet over as if the peer had sent it.
  void Receive(std::span<const uint8_t> compound) { downlink.OnRtcp(compound, now_us); }

  sora::Downlink downlink;
  int64_t now_us = 5'000'000;
  uint32_t estimate = 0;  // that was reported last
  size_t reports = 0;
  // What arrived, by SSRC.
  struct Arrived {
    int64_t sent_us, arrived_us;
    std::vector<uint8_t> packet;
  };
  std::map<uint32_t, std::vector<Arrived>> arrived;
  // When packets were handed to the downlink, by their sequence numbers.
  std::map<uint16_t, int64_t> given_us;
  uint64_t bytes_sent = 0;

 private:
  void Send(uint32_t ssrc, size_t size, sora::Downlink::Kind kind);
  void Pass(std::span<const uint8_t> packet);
  void Answer();

  std::minstd_rand random_{7};
  std::deque<Arrived> wire_;
  int64_t free_us_ = 0;  // when the bottleneck has sent all that waits there
  uint16_t video_sequence_ = 0, audio_sequence_ = 0;
  std::vector<std::pair<uint16_t, int64_t>> unanswered_;
  uint8_t feedback_ = 0;
};

}  // namespace test

#endif
