// Media in and out: what is authentic is passed on, and nothing else.
#include "../harness/harness.h"
#include "pair.h"

namespace {

using test::Bytes;
using test::Pair;

constexpr uint32_t kSsrc = 0x01020304;

Bytes Protected(Pair& pair, uint16_t sequence, uint32_t ssrc = kSsrc) {
  Bytes rtp = test::Rtp(ssrc, sequence, Bytes(100, 7));
  const size_t size = rtp.size();
  rtp.resize(size + test::Client::kMaxTrailer);
  rtp.resize(pair.client.ProtectRtp(rtp.data(), size));
  REQUIRE(rtp.size() > size);
  return rtp;
}

Bytes ProtectedReport(Pair& pair) {
  Bytes report = {0x80, 201, 0, 1, 1, 2, 3, 4};
  report.resize(8 + test::Client::kMaxTrailer);
  report.resize(pair.client.ProtectRtcp(report.data(), 8));
  return report;
}

// Runs a test with either profile.
void WithEach(void (*run)(Pair& pair)) {
  for (const char* profile : {"SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80"}) {
    Pair pair(profile);
    REQUIRE(pair.Connect());
    run(pair);
  }
}

}  // namespace

TEST(transport_srtp_takes_a_packet_once) {
  WithEach([](Pair& pair) {
    const Bytes packet = Protected(pair, 100), report = ProtectedReport(pair);
    for (int i = 0; i < 5; ++i) {
      pair.ToServer(packet);
      pair.ToServer(report);
    }
    REQUIRE_EQ(pair.server_seen.rtp.size(), 1);
    REQUIRE_EQ(pair.server_seen.rtcp.size(), 1);
    REQUIRE_EQ(pair.server.drops().unauthentic, 8);
  });
}

TEST(transport_srtp_takes_packets_in_any_order_within_its_window) {
  WithEach([](Pair& pair) {
    std::vector<Bytes> packets;
    for (uint16_t i = 0; i < 1200; ++i) packets.push_back(Protected(pair, i));
    pair.ToServer(packets[1199]);
    pair.ToServer(packets[1000]);
    pair.ToServer(packets[1001]);
    REQUIRE_EQ(pair.server_seen.rtp.size(), 3);
    pair.ToServer(packets[0]);  // further back than the replay window of 1,024
    REQUIRE_EQ(pair.server_seen.rtp.size(), 3);
    REQUIRE_EQ(pair.server.drops().unauthentic, 1);
  });
}

TEST(transport_srtp_follows_a_sequence_number_that_rolls_over) {
  WithEach([](Pair& pair) {
    size_t sent = 0;
    for (uint32_t round = 0; round < 3; ++round) {
      // In steps that the receiver can follow (RFC 3711, section 3.3.1), and swapped in pairs around the border.
      for (uint32_t i = 500; i < 65'000; i += 10'000, ++sent) pair.ToServer(Protected(pair, static_cast<uint16_t>(i)));
      for (uint32_t i = 65'521; i < 65'550; i += 2, sent += 2) {
        const Bytes first = Protected(pair, static_cast<uint16_t>(i)),
                    second = Protected(pair, static_cast<uint16_t>(i + 1));
        pair.ToServer(second);
        pair.ToServer(first);
      }
    }
    REQUIRE_EQ(pair.server_seen.rtp.size(), sent);
    REQUIRE_EQ(pair.server.drops().unauthentic, 0);
  });
}

TEST(transport_srtp_is_not_moved_by_forged_sequence_numbers) {
  WithEach([](Pair& pair) {
    for (uint16_t i = 0; i < 200; ++i) {
      const Bytes packet = Protected(pair, i);
      Bytes forged = packet;
      forged[2] ^= static_cast<uint8_t>(0x80 >> i % 8);  // jumps of up to 32,768
      pair.ToServer(std::move(forged));
      pair.ToServer(packet);
    }
    REQUIRE_EQ(pair.server_seen.rtp.size(), 200);
    REQUIRE_EQ(pair.server.drops().unauthentic, 200);
  });
}

TEST(transport_srtp_refuses_changed_packets_and_goes_on) {
  WithEach([](Pair& pair) {
    uint32_t refused = 0;
    for (size_t at = 0; at < 134; ++at) {
      Bytes packet = Protected(pair, static_cast<uint16_t>(at));
      // Its length varies with the profile; behind its end there is nothing to change. The bits of version, padding and CSRCs make
      // it something else than this packet, as does the payload type of RTCP.
      if (at >= packet.size()) break;
      packet[at] ^= 0x10;
      pair.ToServer(std::move(packet));
      ++refused;
    }
    REQUIRE(pair.server_seen.rtp.empty() && pair.server_seen.rtcp.empty());
    REQUIRE_EQ(pair.server.drops().unauthentic + pair.server.drops().strays, refused);
    pair.ToServer(Protected(pair, 500));
    REQUIRE_EQ(pair.server_seen.rtp.size(), 1);
  });
}

TEST(transport_srtp_remembers_a_bounded_number_of_streams_and_forgets_on_demand) {
  Pair pair;
  REQUIRE(pair.Connect());
  for (uint32_t i = 0; i < 1100; ++i) pair.ToServer(Protected(pair, 1, 1000 + i));
  REQUIRE_EQ(pair.server_seen.rtp.size(), 1024);
  REQUIRE_EQ(pair.server.drops().unauthentic, 76);
  pair.server.Forget(1000);
  pair.ToServer(Protected(pair, 2, 5000));
  REQUIRE_EQ(pair.server_seen.rtp.size(), 1025);
}

TEST(transport_srtp_packets_that_are_no_streams_of_the_peer_are_not_remembered) {
  Pair pair;
  REQUIRE(pair.Connect());
  for (uint32_t i = 0; i < 5000; ++i) {
    Bytes packet = test::Rtp(i, 1, Bytes(50));
    pair.ToServer(std::move(packet));
  }
  REQUIRE_EQ(pair.server.drops().unauthentic, 5000);
  pair.ToServer(Protected(pair, 1));
  REQUIRE_EQ(pair.server_seen.rtp.size(), 1);
}

TEST(transport_srtp_repeats_a_packet_that_the_client_takes_once) {
  WithEach([](Pair& pair) {
    const Bytes packet = test::Rtp(kSsrc, 10, Bytes(100, 1)), late = test::Rtp(kSsrc, 9, Bytes(100, 1));
    for (const Bytes& sent : {packet, packet, late, late}) REQUIRE(pair.ServerSends(sent));
    pair.RunFor(10);
    REQUIRE_EQ(pair.client_seen.rtp.size(), 2);
    REQUIRE(pair.client_seen.rtp[0] == packet);
    REQUIRE(pair.client_seen.rtp[1] == late);
  });
}

TEST(transport_srtp_sends_nothing_before_it_is_connected_nor_after_its_end) {
  Pair pair;
  Bytes packet = test::Rtp(kSsrc, 10, Bytes(100, 1));
  REQUIRE(!pair.ServerSends(packet));
  REQUIRE(pair.Connect());
  REQUIRE(pair.ServerSends(packet));
  pair.client.Close(pair.now_ms);
  REQUIRE(pair.RunUntil([&] { return !pair.server_seen.end.empty(); }));
  REQUIRE(!pair.ServerSends(test::Rtp(kSsrc, 11, Bytes(100, 1))));
}
