// DTLS records that no honest client sends, and handshakes under loss.
#include <malloc.h>

#include <random>

#include "../harness/harness.h"
#include "pair.h"

namespace {

using test::Bytes;
using test::Pair;

void AppendNumber(Bytes& to, uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) to.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

Bytes Record(uint8_t type, uint16_t epoch, uint64_t number, const Bytes& content) {
  Bytes record = {type, 0xfe, 0xfd};
  AppendNumber(record, epoch, 2);
  AppendNumber(record, number, 6);
  AppendNumber(record, content.size(), 2);
  record.insert(record.end(), content.begin(), content.end());
  return record;
}

constexpr uint8_t kHandshake = 22, kClientHello = 1, kCertificate = 11;

// Appends a fragment of a handshake message that claims these sizes.
void AppendFragment(Bytes& to, uint8_t type, uint32_t message_size, uint16_t message, uint32_t offset, const Bytes& body,
                    uint32_t claimed_size) {
  to.push_back(type);
  AppendNumber(to, message_size, 3);
  AppendNumber(to, message, 2);
  AppendNumber(to, offset, 3);
  AppendNumber(to, claimed_size, 3);
  to.insert(to.end(), body.begin(), body.end());
}

// Such a fragment in a record of its own.
Bytes Fragment(uint64_t number, uint8_t type, uint32_t message_size, uint16_t message, uint32_t offset, const Bytes& body,
               uint32_t claimed_size) {
  Bytes content;
  AppendFragment(content, type, message_size, message, offset, body, claimed_size);
  return Record(kHandshake, 0, number, content);
}

size_t Allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// A pair whose client's address has authenticated and whose handshake has not begun; its ClientHello.
Bytes BeginWithoutHandshake(Pair& pair) {
  Bytes hello;
  pair.lose = [&](const Bytes& datagram, bool to_server) {
    if (!to_server || datagram[0] != kHandshake) return false;
    hello = datagram;
    return true;
  };
  pair.Begin();
  REQUIRE(pair.RunUntil([&] { return !hello.empty(); }));
  pair.lose = nullptr;
  return hello;
}

// Whether the handshake can go on behind what a test has sent.
bool Connects(Pair& pair) {
  return pair.RunUntil([&] { return pair.server_seen.associated && pair.client_seen.associated; }, 20'000);
}

}  // namespace

TEST(transport_dtls_keeps_nothing_of_fragments_that_lie_about_their_size) {
  Pair pair;
  BeginWithoutHandshake(pair);
  const size_t before = Allocated();
  // 16 MiB in two fragments of 26 bytes, again and again.
  for (uint64_t i = 0; i < 1000; ++i) {
    const uint32_t offset = i % 2 ? 0xffffff - 26 : 0;
    pair.ToServer(Fragment(i, kClientHello, 0xffffff, static_cast<uint16_t>(i / 2 % 4), offset, Bytes(26), 26));
  }
  REQUIRE(Allocated() < before + 256 * 1024);
}

TEST(transport_dtls_bounds_messages_that_never_end) {
  Pair pair;
  BeginWithoutHandshake(pair);
  const size_t before = Allocated();
  for (uint64_t i = 0; i < 5000; ++i)
    pair.ToServer(Fragment(i, kCertificate, 16'000, static_cast<uint16_t>(i % 11), static_cast<uint32_t>(i % 15'000),
                           Bytes(100), 100));
  REQUIRE(Allocated() < before + 512 * 1024);
  // Whether OpenSSL has given up or the handshake has taken too much: nothing of it is looked at any more.
  REQUIRE(!pair.server_seen.end.empty() || pair.server.drops().handshake > 0);
}

TEST(transport_dtls_puts_overlapping_fragments_together) {
  Pair pair;
  const Bytes hello = BeginWithoutHandshake(pair);
  // Header of the record, header of the message, body.
  const Bytes body(hello.begin() + 25, hello.end());
  const auto size = static_cast<uint32_t>(body.size());
  Bytes content;
  for (uint32_t offset = 0; offset < size; offset += 40) {
    const uint32_t end = std::min(size, offset + 100);
    AppendFragment(content, kClientHello, size, 0, offset, {body.begin() + offset, body.begin() + end}, end - offset);
  }
  // The number of the record that was lost: with later ones those of the client would count as replayed.
  const uint64_t before = pair.bytes_to_client;
  pair.ToServer(Record(kHandshake, 0, 0, content));
  REQUIRE(pair.bytes_to_client > before);
  REQUIRE(Connects(pair));
}

TEST(transport_dtls_refuses_fragments_beyond_their_message_or_record) {
  for (const uint32_t claimed : {101u, 5000u, 0xffffffu}) {
    Pair pair;
    BeginWithoutHandshake(pair);
    pair.ToServer(Fragment(1, kClientHello, 100, 0, 0, Bytes(100), claimed));
    pair.ToServer(Fragment(2, kClientHello, 100, 0, 90, Bytes(100), 100));
    REQUIRE(!pair.server_seen.connected);
    pair.RunFor(100);
  }
}

TEST(transport_dtls_ignores_records_of_other_epochs_and_kinds) {
  Pair pair;
  BeginWithoutHandshake(pair);
  // Less than a handshake may take.
  for (uint64_t i = 0; i < 100; ++i)
    for (const uint8_t type : {20, 21, 22, 23, 24, 25, 63})
      for (const uint16_t epoch : {1, 2, 65'535}) pair.ToServer(Record(type, epoch, i, Bytes(i % 50)));
  REQUIRE(pair.server_seen.end.empty());
  REQUIRE(Connects(pair));
  // And behind the handshake.
  for (uint64_t i = 0; i < 500; ++i)
    for (const uint8_t type : {20, 21, 22, 23, 24, 25, 63})
      for (const uint16_t epoch : {0, 1, 2}) pair.ToServer(Record(type, epoch, 1000 + i, Bytes(i % 50)));
  REQUIRE(pair.client.SendMessage(1, 51, Bytes(10), pair.now_ms));
  REQUIRE(pair.RunUntil([&] { return pair.server_seen.messages.size() == 1; }));
}

TEST(transport_dtls_survives_random_records) {
  std::mt19937 random(20'261'129);
  for (int round = 0; round < 100; ++round) {
    Pair pair;
    const Bytes hello = BeginWithoutHandshake(pair);
    for (int i = 0; i < 50; ++i) {
      Bytes record = hello;
      for (uint32_t n = random() % 4; n <= 4; ++n)
        record[13 + random() % (record.size() - 13)] = static_cast<uint8_t>(random());
      if (random() % 4 == 0) record.resize(random() % record.size());
      pair.ToServer(std::move(record));
      REQUIRE(!pair.server_seen.connected);
    }
  }
}

TEST(transport_dtls_refuses_to_renegotiate) {
  Pair pair;
  REQUIRE(pair.Connect());
  const uint64_t before = pair.bytes_to_client;
  pair.client.Renegotiate();
  pair.RunFor(5000);
  REQUIRE(pair.bytes_to_client - before < 2000);
  REQUIRE(!pair.server_seen.end.empty() || pair.ServerSends(test::Rtp(1, 1, Bytes(100))));
}

TEST(transport_dtls_connects_whichever_of_its_datagrams_are_lost) {
  // One datagram of the handshake, or two of them, either way.
  for (int first = 0; first < 10; ++first) {
    for (int second = first; second < 10; ++second) {
      Pair pair;
      pair.lose = [&, count = 0](const Bytes& datagram, bool) mutable {
        const bool lost = datagram[0] >= 20 && (count == first || count == second);
        count += datagram[0] >= 20;
        return lost;
      };
      pair.Begin();
      REQUIRE(Connects(pair));
    }
  }
}

TEST(transport_dtls_sends_a_lost_flight_again_in_one_datagram) {
  // The first flight, then the last one, of which the client asks for another with its own.
  for (int lost_flight = 0; lost_flight < 2; ++lost_flight) {
    Pair pair;
    std::vector<Bytes> flights;
    pair.lose = [&](const Bytes& datagram, bool to_server) {
      if (to_server || datagram[0] < 20 || pair.client_seen.connected) return false;
      flights.push_back(datagram);
      return flights.size() == static_cast<size_t>(lost_flight + 1);
    };
    pair.Begin();
    REQUIRE(pair.RunUntil([&] { return pair.client_seen.connected; }));
    REQUIRE(flights.size() == 3);
    const size_t size = flights[lost_flight].size();
    REQUIRE(size > 13 && size <= 1200);
    REQUIRE(flights[lost_flight + 1].size() == size);
  }
}

TEST(transport_dtls_reports_a_certificate_that_is_not_the_answers) {
  Pair pair;
  pair.server.SetRemote(pair.client.ufrag(), "sha-256", std::string(95, 'A'), pair.now_ms);
  pair.client.Start(pair.server.ice().ufrag(), pair.server.ice().password(), pair.server_context.fingerprint(), pair.now_ms);
  REQUIRE(pair.RunUntil([&] { return !pair.server_seen.end.empty(); }));
  REQUIRE(pair.server_saw_bad_fingerprint);
  REQUIRE(!pair.server_seen.connected && !pair.server.connected());
}

TEST(transport_dtls_waits_for_the_answer_with_its_fingerprint) {
  Pair pair;
  pair.client.Start(pair.server.ice().ufrag(), pair.server.ice().password(), pair.server_context.fingerprint(), pair.now_ms);
  REQUIRE(pair.RunUntil([&] { return pair.client_seen.connected; }));
  pair.RunFor(500);
  REQUIRE(!pair.server_seen.connected);
  REQUIRE(!pair.ServerSends(test::Rtp(1, 1, Bytes(100))));
  pair.server.SetRemote(pair.client.ufrag(), "sha-256", pair.client.fingerprint(), pair.now_ms);
  REQUIRE(pair.server_seen.connected);
  REQUIRE(Connects(pair));
}

TEST(transport_dtls_sends_less_than_it_receives_before_a_handshake) {
  Pair pair;
  const Bytes hello = BeginWithoutHandshake(pair);
  // Checks alone: an address that has authenticated proves nothing of itself.
  pair.RunFor(10'000);
  REQUIRE(pair.bytes_to_client < pair.bytes_to_server);
}
