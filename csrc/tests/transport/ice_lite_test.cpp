// The lite side of ICE: who is let in, where it sends to, and what becomes of further addresses.
#include "../harness/harness.h"
#include "pair.h"
#include "sora_ffi/transport.h"

namespace {

using test::Bytes;
using test::Pair;

sora::Endpoint Other(uint8_t last, uint16_t port = 40'000) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, last}, port};
}

// A check of the pair's client.
Bytes Check(Pair& pair, const test::CheckOptions& options = {}) {
  const std::string username = pair.server.ice().ufrag() + ":" + pair.client.ufrag();
  return test::WriteCheck({9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2}, username, pair.server.ice().password(), options);
}

}  // namespace

TEST(transport_ice_makes_credentials_that_nobody_guesses) {
  const sora::IceLite one, other;
  REQUIRE(one.ufrag().size() >= 4 && one.password().size() >= 22);
  REQUIRE(one.ufrag() != other.ufrag() && one.password() != other.password());
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  REQUIRE((one.ufrag() + one.password()).find_first_not_of(kAlphabet) == std::string::npos);
}

TEST(transport_ice_refuses_checks_of_strangers_without_a_word) {
  Pair pair;
  pair.Begin();
  const std::string ufrag = pair.server.ice().ufrag(), password = pair.server.ice().password();
  const std::string right = ufrag + ":" + pair.client.ufrag();
  const test::Transaction transaction{};
  for (const Bytes& check : {
           test::WriteCheck(transaction, right, password + "x"),
           test::WriteCheck(transaction, ufrag + ":somebody", password),
           test::WriteCheck(transaction, ufrag, password),
           test::WriteCheck(transaction, "somebody:" + pair.client.ufrag(), password),
       })
    pair.ToServer(check, Other(1));
  REQUIRE_EQ(pair.server.drops().checks, 4);
  REQUIRE(pair.to_others.empty());
  REQUIRE(!pair.server.peer());
  REQUIRE_EQ(pair.server.heard_ms(), 0);
}

TEST(transport_ice_tells_a_controlled_peer_to_switch) {
  Pair pair;
  pair.Begin();
  pair.ToServer(Check(pair, {.use_candidate = false, .controlling = false}), Other(1));
  REQUIRE_EQ(pair.to_others.size(), 1);
  const auto response = test::ParseCheckResponse(pair.to_others[0], pair.server.ice().password());
  REQUIRE(response && response->error == 487);
  REQUIRE(!pair.server.peer());
}

TEST(transport_ice_answers_nothing_but_checks_before_one_has_authenticated) {
  Pair pair;
  pair.Begin();
  const Bytes client_hello_like(200, 22), media(200, 0x80), other(200, 5);
  for (int i = 0; i < 1000; ++i)
    for (const Bytes& datagram : {client_hello_like, media, other}) pair.ToServer(datagram, Other(static_cast<uint8_t>(i)));
  REQUIRE(pair.to_others.empty());
  REQUIRE_EQ(pair.server.drops().strays, 3000);
  REQUIRE(pair.Connect());
}

TEST(transport_ice_follows_the_nominated_address) {
  Pair pair;
  pair.Begin();
  pair.ToServer(Check(pair, {.use_candidate = false}), Other(1));
  REQUIRE(pair.server.peer() == Other(1));  // the only one that is known to work
  pair.ToServer(Check(pair), Other(2));
  REQUIRE(pair.server.peer() == Other(2));
  pair.ToServer(Check(pair, {.use_candidate = false}), Other(1));
  REQUIRE(pair.server.peer() == Other(2));
  pair.ToServer(Check(pair), Other(1));
  REQUIRE(pair.server.peer() == Other(1));
}

TEST(transport_ice_keeps_eight_addresses_and_the_selected_one) {
  Pair pair;
  pair.Begin();
  pair.ToServer(Check(pair), Other(0));
  for (uint8_t i = 1; i < 20; ++i) pair.ToServer(Check(pair, {.use_candidate = false}), Other(i));
  REQUIRE(pair.server.peer() == Other(0));
  REQUIRE_EQ(pair.server.ice().peers().size(), sora::IceLite::kMaxPeers);
  REQUIRE_EQ(pair.peers_gone.size(), 12);
  REQUIRE(pair.server.ice().IsPeer(Other(0)));
  for (const sora::Endpoint& gone : pair.peers_gone) REQUIRE(!pair.server.ice().IsPeer(gone));
}

TEST(transport_ice_leaves_an_address_to_the_transport_that_has_it) {
  Pair pair;
  pair.admits_peers = false;
  pair.Begin();
  pair.ToServer(Check(pair), Other(1));
  REQUIRE(pair.to_others.empty());
  REQUIRE(!pair.server.ice().IsPeer(Other(1)));
  REQUIRE_EQ(pair.server.drops().checks, 1);
}

TEST(transport_ice_follows_media_from_another_address_of_the_peer) {
  Pair pair;
  REQUIRE(pair.Connect());
  pair.ToServer(Check(pair, {.use_candidate = false}), Other(1));
  REQUIRE(pair.server.peer() == pair.client_address);
  const auto packet = [&](uint16_t sequence) {
    Bytes rtp = test::Rtp(77, sequence, Bytes(100));
    rtp.resize(rtp.size() + 32);
    rtp.resize(pair.client.ProtectRtp(rtp.data(), rtp.size() - 32));
    return rtp;
  };
  pair.ToServer(packet(1));
  pair.ToServer(packet(2), Other(1));  // on its way while the first address was in use
  REQUIRE(pair.server.peer() == pair.client_address);
  pair.RunFor(500);
  pair.ToServer(packet(3), Other(2));  // has not authenticated
  REQUIRE(pair.server.peer() == pair.client_address);
  pair.ToServer(packet(4), Other(1));
  REQUIRE(pair.server.peer() == Other(1));
}

TEST(transport_ignores_what_it_is_told_to) {
  Pair pair;
  REQUIRE(pair.Connect());
  pair.server.Ignore(SORA_IGNORE_SCTP);
  REQUIRE(pair.client.SendMessage(1, 51, Bytes(10), pair.now_ms));
  pair.RunFor(3000);
  REQUIRE(pair.server_seen.messages.empty());
  pair.server.Ignore(SORA_IGNORE_STUN);
  REQUIRE(pair.RunUntil([&] { return pair.server_seen.messages.size() == 1; }));
  const int64_t heard = pair.server.heard_ms();
  pair.ToServer(Check(pair));
  REQUIRE_EQ(pair.server.heard_ms(), heard);
}
