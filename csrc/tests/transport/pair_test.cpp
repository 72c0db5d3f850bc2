// A client of another make than the server's transport: what both agree on.
#include "../harness/harness.h"
#include "pair.h"

namespace {

using test::Bytes;
using test::Pair;

constexpr uint32_t kSsrc = 0x12345678;
constexpr uint32_t kBinary = 53;  // WebRTC's payload protocol identifier

Bytes Filled(size_t size, uint8_t first) {
  Bytes bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(first + i * 7);
  return bytes;
}

void RequireMediaBothWays(Pair& pair) {
  const Bytes up = test::Rtp(kSsrc, 7, Filled(1200, 1)), down = test::Rtp(kSsrc + 1, 65'535, Filled(900, 2));
  REQUIRE(pair.ClientSends(up));
  REQUIRE(pair.ServerSends(down));
  REQUIRE(pair.RunUntil([&] { return !pair.server_seen.rtp.empty() && !pair.client_seen.rtp.empty(); }));
  REQUIRE(pair.server_seen.rtp[0] == up);
  REQUIRE(pair.client_seen.rtp[0] == down);
}

}  // namespace

TEST(transport_connects_a_client) {
  Pair pair;
  REQUIRE(pair.Connect());
  REQUIRE(pair.server_seen.connected && pair.client_seen.connected);
  REQUIRE(pair.client.mapped() == pair.client_address);
  // AEAD_AES_128_GCM, which both prefer.
  REQUIRE_EQ(pair.client.profile(), 7);
  REQUIRE_EQ(pair.server.profile(), 7);
}

TEST(transport_passes_media_both_ways) {
  Pair pair;
  REQUIRE(pair.Connect());
  RequireMediaBothWays(pair);
  // A receiver report without blocks.
  const Bytes report = {0x80, 201, 0, 1, 0x12, 0x34, 0x56, 0x78};
  REQUIRE(pair.ClientSends(report, true));
  REQUIRE(pair.ServerSends(report, true));
  REQUIRE(pair.RunUntil([&] { return !pair.server_seen.rtcp.empty() && !pair.client_seen.rtcp.empty(); }));
  REQUIRE(pair.server_seen.rtcp[0] == report);
  REQUIRE(pair.client_seen.rtcp[0] == report);
}

TEST(transport_passes_media_to_a_client_without_gcm) {
  Pair pair("SRTP_AES128_CM_SHA1_80");
  REQUIRE(pair.Connect());
  REQUIRE_EQ(pair.server.profile(), 1);
  RequireMediaBothWays(pair);
}

TEST(transport_passes_messages_both_ways) {
  Pair pair;
  REQUIRE(pair.Connect());
  // Larger than a packet, so that it is sent in fragments.
  const Bytes up = Filled(100'000, 3), down = Filled(70'000, 4);
  REQUIRE(pair.client.SendMessage(2, kBinary, up, pair.now_ms));
  REQUIRE(pair.ServerSendsMessage(5, down));
  REQUIRE(pair.RunUntil([&] { return !pair.server_seen.messages.empty() && !pair.client_seen.messages.empty(); }));
  REQUIRE_EQ(pair.server_seen.messages[0].stream, 2);
  REQUIRE_EQ(pair.server_seen.messages[0].protocol, kBinary);
  REQUIRE(pair.server_seen.messages[0].data == up);
  REQUIRE_EQ(pair.client_seen.messages[0].stream, 5);
  REQUIRE(pair.client_seen.messages[0].data == down);
}

TEST(transport_connects_and_passes_messages_over_a_lossy_path) {
  Pair pair;
  pair.delay_ms = 25;
  // Every seventh datagram, either way.
  pair.lose = [count = 0](const Bytes&, bool) mutable { return ++count % 7 == 0; };
  pair.Begin();
  REQUIRE(pair.RunUntil([&] { return pair.server_seen.associated && pair.client_seen.associated; }, 60'000));
  constexpr size_t kMessages = 200;
  for (size_t i = 0; i < kMessages; ++i) {
    REQUIRE(pair.client.SendMessage(0, kBinary, Filled(600, static_cast<uint8_t>(i)), pair.now_ms));
    REQUIRE(pair.ServerSendsMessage(1, Filled(600, static_cast<uint8_t>(i))));
    pair.RunFor(10);
  }
  const auto all = [&] {
    return pair.server_seen.messages.size() == kMessages && pair.client_seen.messages.size() == kMessages;
  };
  REQUIRE(pair.RunUntil(all, 60'000));
  for (size_t i = 0; i < kMessages; ++i) {
    REQUIRE(pair.server_seen.messages[i].data == Filled(600, static_cast<uint8_t>(i)));
    REQUIRE(pair.client_seen.messages[i].data == Filled(600, static_cast<uint8_t>(i)));
  }
}

TEST(transport_tells_either_side_of_the_end) {
  Pair closing_client;
  REQUIRE(closing_client.Connect());
  closing_client.client.Close(closing_client.now_ms);
  REQUIRE(closing_client.RunUntil([&] { return !closing_client.server_seen.end.empty(); }));
  Pair closing_server;
  REQUIRE(closing_server.Connect());
  closing_server.server.Close(closing_server.now_ms);
  REQUIRE(closing_server.RunUntil([&] { return !closing_server.client_seen.end.empty(); }));
}

TEST(transport_refuses_the_certificate_of_another_client) {
  Pair pair;
  const test::ClientContext other;
  pair.server.SetRemote(pair.client.ufrag(), "sha-256", other.fingerprint(), pair.now_ms);
  pair.client.Start(pair.server.ice().ufrag(), pair.server.ice().password(), pair.server_context.fingerprint(), pair.now_ms);
  REQUIRE(pair.RunUntil([&] { return !pair.server_seen.end.empty(); }));
  REQUIRE(!pair.server_seen.connected);
}

TEST(transport_answers_what_came_before_the_answer) {
  Pair pair;
  pair.client.Start(pair.server.ice().ufrag(), pair.server.ice().password(), pair.server_context.fingerprint(), pair.now_ms);
  REQUIRE(pair.RunUntil([&] { return pair.client_seen.connected; }));
  pair.RunFor(20);
  REQUIRE(!pair.server_seen.connected);
  pair.server.SetRemote(pair.client.ufrag(), "sha-256", pair.client.fingerprint(), pair.now_ms);
  REQUIRE(pair.server_seen.connected);
  // The client repeats its INIT after a second only.
  REQUIRE(pair.RunUntil([&] { return pair.server_seen.associated && pair.client_seen.associated; }, 500));
}
