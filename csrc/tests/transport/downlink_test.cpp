// The estimate, pacing and probes over a simulated path.
#include "transport/downlink.h"

#include <set>

#include "../harness/harness.h"
#include "link.h"
#include "modules/rtp_rtcp/source/rtcp_packet/transport_feedback.h"
#include "transport/network_order.h"

namespace {

using namespace test;
using sora::Downlink;

// An owner that sends the largest of its layers that the estimate covers: down at once, up after a second.
struct Layers {
  explicit Layers(Link& of) : link(of) {
    link.video_rate = [this] { return kRates[layer]; };
    link.downlink.Want(Needed(2));
    link.audio = true;
  }
  static constexpr int64_t kRates[] = {150'000, 380'000, 1'500'000};
  // What the estimate must be to go up to a layer.
  static int64_t Needed(size_t layer) { return kRates[layer] * 115 / 100 + 40'000; }
  void Run(int64_t ms) {
    link.Run(ms, [this] { Choose(); });
  }

  Link& link;
  size_t layer = 2;
  int64_t above_us = 0;
  size_t switches = 0;

 private:
  void Choose() {
    if (link.reports == 0) return;
    size_t best = 0;
    for (size_t i = 1; i < 3; ++i)
      if ((i <= layer ? kRates[i] : Needed(i)) <= link.estimate) best = i;
    if (best <= layer) above_us = link.now_us;
    if (best == layer || (best > layer && link.now_us - above_us < 1'000'000)) return;
    layer = best;
    ++switches;
  }
};

rtc::Buffer Feedback(uint16_t base, std::span<const int64_t> times_us) {
  webrtc::rtcp::TransportFeedback feedback;
  feedback.SetBase(base, webrtc::Timestamp::Micros(times_us[0]));
  for (const int64_t time : times_us) feedback.AddReceivedPacket(base++, webrtc::Timestamp::Micros(time));
  return feedback.Build();
}

int64_t LongestWait(const Link& link) {
  int64_t longest = 0;
  for (const auto& one : link.arrived.at(Link::kVideo))
    longest = std::max(longest, one.sent_us - link.given_us.at(sora::Read16(&one.packet[2])));
  return longest;
}

}  // namespace

TEST(transport_downlink_finds_that_a_path_carries_less_and_then_more) {
  Link link;
  Layers layers(link);
  layers.Run(4000);
  REQUIRE_EQ(layers.layer, 2u);
  link.capacity = 600'000;
  layers.Run(2000);
  REQUIRE(layers.layer < 2);
  layers.Run(4000);
  REQUIRE_EQ(layers.layer, 1u);
  layers.switches = 0;
  layers.Run(20'000);
  REQUIRE_EQ(layers.layer, 1u);
  REQUIRE(layers.switches <= 2);
  REQUIRE(link.estimate <= 700'000);  // what is sent is less: that it is more cannot be known to the last bit
  link.capacity = 0;
  layers.Run(8000);
  REQUIRE_EQ(layers.layer, 2u);
}

TEST(transport_downlink_bears_random_loss_and_jitter) {
  Link link;
  link.loss = 0.05;
  link.delay_us = 50'000;
  link.jitter_us = 30'000;
  Layers layers(link);
  layers.Run(20'000);
  REQUIRE_EQ(layers.layer, 2u);
  REQUIRE_EQ(layers.switches, 0u);
}

TEST(transport_downlink_recovers_from_much_loss) {
  Link link;
  Layers layers(link);
  layers.Run(3000);
  link.loss = 0.2;
  layers.Run(10'000);
  link.loss = 0;
  layers.Run(10'000);
  REQUIRE_EQ(layers.layer, 2u);
}

TEST(transport_downlink_never_lets_audio_wait_nor_video_for_long) {
  Link link;
  link.capacity = 300'000;
  link.audio = true;
  size_t frames = 0;
  link.video_rate = [&] { return ++frames % 8 == 0 ? 9'000'000 : 1'000'000; };  // nothing smaller is there
  link.Run(10'000);
  REQUIRE(link.downlink.figures().held > 0);
  REQUIRE_EQ(link.downlink.figures().dropped, 0u);
  const auto& audio = link.arrived.at(Link::kAudio);
  for (size_t i = 0; i < audio.size(); ++i) REQUIRE_EQ(audio[i].sent_us / 1000 % 20, 0);
  REQUIRE(LongestWait(link) > 0);
  REQUIRE(LongestWait(link) <= sora::Pacer::kLongestUs * 3 / 2);
}

TEST(transport_downlink_holds_up_no_stream_of_which_less_is_known_than_it_needs) {
  Link link;
  // Nothing can be chosen, so nothing is probed, and the estimate grows slowly. Each eighth frame is larger.
  size_t frames = 0;
  link.video_rate = [&] { return ++frames % 8 == 0 ? 5'800'000 : 2'000'000; };
  link.Run(5000);
  REQUIRE(link.reports > 0);
  REQUIRE(LongestWait(link) <= 20'000);
}

TEST(transport_downlink_keeps_the_order_of_what_waits) {
  Link link;
  link.Run(10);
  link.video_rate = [&] { return link.now_us < 9'000'000 ? 300'000 : 8'000'000; };
  link.Run(6000);
  REQUIRE(link.downlink.figures().held > 0);
  const auto& video = link.arrived.at(Link::kVideo);
  for (size_t i = 1; i < video.size(); ++i)
    REQUIRE_EQ(static_cast<uint16_t>(sora::Read16(&video[i - 1].packet[2]) + 1), sora::Read16(&video[i].packet[2]));
}

TEST(transport_downlink_numbers_all_packets_in_the_order_in_which_they_leave) {
  Link link;
  Layers layers(link);
  layers.Run(2000);
  link.capacity = 500'000;
  link.longest_queue_us = 5'000'000;
  layers.Run(10'000);
  REQUIRE(link.downlink.figures().padding > 0);
  std::map<int64_t, std::set<uint16_t>> by_time;
  size_t count = 0;
  for (const auto& [ssrc, packets] : link.arrived)
    for (const auto& one : packets) {
      by_time[one.sent_us].insert(sora::Read16(&one.packet[17]));
      ++count;
    }
  uint16_t next = 0;
  for (const auto& [sent_us, numbers] : by_time)
    for (const uint16_t number : numbers) REQUIRE_EQ(number, next++);
  REQUIRE_EQ(count, next);
}

TEST(transport_downlink_probes_on_the_retransmission_stream_with_padding_alone) {
  Link link;
  link.downlink.SetPadding(Link::kRetransmissions, Link::kRetransmissionType, 65'530, Link::kExtension);
  link.video_rate = [] { return 300'000; };
  link.Run(500);
  link.downlink.Want(5'000'000);
  link.Run(5000);
  uint16_t sequence = 65'530;
  const auto& probes = link.arrived.at(Link::kRetransmissions);
  REQUIRE(probes.size() >= 10);
  for (const auto& one : probes) {
    REQUIRE_EQ(one.packet[0], 0xb0);
    REQUIRE_EQ(one.packet[1], Link::kRetransmissionType);
    REQUIRE_EQ(sora::Read16(&one.packet[2]), sequence++);
    REQUIRE_EQ(one.packet.back(), one.packet.size() - 20);
  }
  // A retransmission goes on with the next number.
  std::vector<uint8_t> packet = probes.back().packet;
  REQUIRE(link.downlink.Admit(packet, 17, Downlink::Kind::kVideo, link.now_us));
  REQUIRE_EQ(sora::Read16(&packet[2]), sequence);
  // Far more than is sent was found, and not much more than is wanted.
  REQUIRE(link.estimate > 1'500'000);
}

TEST(transport_downlink_without_feedback_neither_reports_nor_waits_nor_probes) {
  Link link;
  link.answers = false;
  link.downlink.Want(5'000'000);
  link.video_rate = [] { return 4'000'000; };
  link.Run(3000);
  REQUIRE_EQ(link.reports, 0u);
  REQUIRE_EQ(link.downlink.figures().held, 0u);
  REQUIRE_EQ(link.downlink.figures().padding, 0u);
  REQUIRE(!link.downlink.NextUs(link.now_us));
}

TEST(transport_downlink_probes_nothing_once_feedback_stops) {
  Link link;
  link.video_rate = [] { return 300'000; };
  link.Run(500);
  link.downlink.Want(50'000'000);
  link.Run(5000);
  link.answers = false;
  link.Run(2000);
  const uint32_t before = link.downlink.figures().padding;
  REQUIRE(before > 0);
  link.Run(5000);
  REQUIRE_EQ(link.downlink.figures().padding, before);
  link.video_rate = [] { return 0; };
  link.Run(1000);
  REQUIRE(!link.downlink.NextUs(link.now_us));
}

TEST(transport_downlink_refuses_feedback_that_is_malformed_or_about_nothing) {
  Link link;
  const int64_t times[] = {1000, 2000, 3000};
  const rtc::Buffer early = Feedback(7, times);
  link.Receive({early.data(), early.size()});
  REQUIRE_EQ(link.downlink.figures().feedback, 0u);
  link.video_rate = [] { return 300'000; };
  link.Run(1000);
  const sora::DownlinkFigures before = link.downlink.figures();
  REQUIRE(before.feedback > 0);
  // 65,535 packets in 20 bytes.
  const uint8_t many[] = {0x8f, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0xff, 0xff, 0, 0, 1, 0};
  link.Receive(many);
  // Cut short at each byte.
  const rtc::Buffer whole = Feedback(0, times);
  for (size_t size = 0; size < whole.size(); ++size) link.Receive({whole.data(), size});
  REQUIRE_EQ(link.downlink.figures().feedback, before.feedback);
  REQUIRE(link.downlink.figures().refused_feedback > before.refused_feedback);
  // Clocks that jump there and back, and numbers that were not sent.
  for (const int64_t time : {int64_t{0}, int64_t{1} << 40, int64_t{64'000}, int64_t{1} << 39}) {
    const int64_t jumped[] = {time, time + 250'000'000, time};
    for (const uint16_t base : {0, 20, 40, 30'000, 65'534}) {
      const rtc::Buffer packet = Feedback(base, jumped);
      link.Receive({packet.data(), packet.size()});
    }
  }
  link.Run(3000);
  REQUIRE(link.estimate >= sora::Bandwidth::kLeast);
}
