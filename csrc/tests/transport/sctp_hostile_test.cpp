// Packets that no honest SCTP peer sends: each costs the server little time and memory, and the association goes on or ends, but
// never hangs.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "../harness/harness.h"
#include "sctp_peer.h"

namespace {

using namespace test;

constexpr uint32_t kSeed = 20'261'129;

// Bytes that the process has allocated.
size_t Allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Runs something that must be done within a generous time and leave little behind.
template <typename Work>
void Bounded(Work&& work, size_t most_bytes, int limit_ms = 5000) {
  const size_t before = Allocated();
  const auto start = std::chrono::steady_clock::now();
  work();
  const auto took = std::chrono::steady_clock::now() - start;
  REQUIRE(took < std::chrono::milliseconds(limit_ms));
  const size_t after = Allocated();
  if (after > before) REQUIRE(after - before <= most_bytes);
}

// Whether a message still arrives, with the number that the server waits for.
bool Works(SctpPeer& peer, uint32_t tsn, uint16_t stream = 900, uint16_t sequence = 0) {
  const uint64_t before = peer.messages;
  peer.Send({Data(tsn, stream, sequence, Bytes(10))});
  return peer.end.empty() && peer.messages == before + 1;
}

constexpr size_t kMebibyte = 1024 * 1024;

}  // namespace

TEST(transport_sctp_survives_chunks_with_wrong_lengths) {
  for (const uint8_t type : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 64, 130, 192, 194, 255}) {
    for (const uint16_t length : {0, 1, 2, 3, 5, 17, 4000, 65'535}) {
      SctpPeer peer;
      Bytes chunk(32);
      chunk[0] = type;
      chunk[2] = static_cast<uint8_t>(length >> 8);
      chunk[3] = static_cast<uint8_t>(length);
      Bounded([&] { peer.Send({chunk}); }, kMebibyte);
      peer.RunFor(1000);
    }
  }
}

TEST(transport_sctp_drops_a_malformed_packet_and_goes_on) {
  SctpPeer peer;
  for (const uint16_t length : {0, 1, 3, 200}) {
    Bytes chunk = Data(peer.tsn, 1, 0, Bytes(20));
    chunk[2] = 0;
    chunk[3] = static_cast<uint8_t>(length);
    peer.Send({chunk});
  }
  REQUIRE_EQ(peer.messages, 0);
  REQUIRE(Works(peer, peer.tsn));
}

TEST(transport_sctp_survives_parameters_with_wrong_lengths) {
  for (const uint16_t length : {0, 1, 2, 3, 5, 200, 65'535}) {
    Bytes parameter = {0, 13};
    Append16(parameter, length);
    parameter.resize(24);
    SctpPeer peer;
    Bounded(
        [&] {
          peer.Send({Chunk(130, 0, parameter)});  // RE-CONFIG
          peer.Send({Chunk(4, 0, parameter)});    // HEARTBEAT
          Bytes init(16);
          init.insert(init.end(), parameter.begin(), parameter.end());
          peer.Send({Chunk(1, 0, init)});
          peer.SendTagged(0, {Chunk(1, 0, init)});
        },
        kMebibyte);
    REQUIRE(Works(peer, peer.tsn));
  }
}

TEST(transport_sctp_takes_a_sack_with_thousands_of_gap_blocks_in_its_stride) {
  SctpPeer peer;
  // Something to acknowledge, more than the window of the path.
  peer.ServerSends(40, 200'000);
  Bytes sack;
  Append32(sack, peer.server_tsn - 1);
  Append32(sack, 1'000'000);
  Append16(sack, 4000);
  Append16(sack, 0);
  for (uint16_t i = 0; i < 4000; ++i) {
    Append16(sack, 2 + 4 * i);
    Append16(sack, 2 + 4 * i + 1);
  }
  Bounded(
      [&] {
        for (int i = 0; i < 100; ++i) peer.Send({Chunk(3, 0, sack)});
      },
      kMebibyte);
  // Blocks that contradict each other: all of the numbers, thousands of times.
  Bytes wide(sack.begin(), sack.begin() + 12);
  for (uint16_t i = 0; i < 4000; ++i) {
    Append16(wide, 1);
    Append16(wide, 65'535);
  }
  Bounded(
      [&] {
        for (int i = 0; i < 100; ++i) peer.Send({Chunk(3, 0, wide)});
      },
      kMebibyte);
  peer.RunFor(1000);
}

TEST(transport_sctp_takes_one_byte_chunks_out_of_order_in_its_stride) {
  SctpPeer peer;
  // 200 packets of 55 chunks, every second number, in a random order.
  std::vector<uint32_t> numbers;
  for (uint32_t i = 0; i < 200 * 55; ++i) numbers.push_back(peer.tsn + 1 + 2 * i);
  std::mt19937 random(kSeed);
  std::ranges::shuffle(numbers, random);
  const Bytes one(1);
  Bounded(
      [&] {
        for (size_t at = 0; at < numbers.size();) {
          std::vector<Bytes> chunks;
          for (int i = 0; i < 55; ++i, ++at) chunks.push_back(Data(numbers[at], 1, 0, one, kUnordered | kWhole));
          peer.Send(chunks);
        }
      },
      16 * kMebibyte);
  REQUIRE(peer.end.empty());
  REQUIRE_EQ(peer.messages, numbers.size());
  REQUIRE(peer.LastSack().has_value());
  REQUIRE(peer.LastSack()->gaps <= 300);
}

TEST(transport_sctp_bounds_a_message_that_never_ends) {
  for (const uint8_t unordered : {uint8_t{0}, uint8_t{kUnordered}}) {
    SctpPeer peer;
    const Bytes one(1);
    Bounded(
        [&] {
          for (uint32_t i = 0; i < 1'000'000 && peer.end.empty();) {
            std::vector<Bytes> chunks;
            for (int n = 0; n < 55; ++n, ++i)
              chunks.push_back(Data(peer.tsn + i, 1, 0, one, static_cast<uint8_t>(unordered | (i == 0 ? kFirst : 0))));
            peer.Send(chunks);
          }
        },
        4 * kMebibyte);
    REQUIRE(!peer.end.empty());
    REQUIRE_EQ(peer.messages, 0);
  }
}

TEST(transport_sctp_bounds_fragments_behind_a_gap) {
  for (const uint8_t unordered : {uint8_t{0}, uint8_t{kUnordered}}) {
    SctpPeer peer;
    const Bytes one(1);
    Bounded(
        [&] {
          for (uint32_t i = 1; i < 100'000 && peer.end.empty();) {
            std::vector<Bytes> chunks;
            for (int n = 0; n < 55; ++n, ++i) chunks.push_back(Data(peer.tsn + i, 1, 0, one, unordered));
            peer.Send(chunks);
          }
        },
        16 * kMebibyte);
  }
}

TEST(transport_sctp_bounds_messages_that_wait_for_one_before_them) {
  SctpPeer peer;
  const Bytes one(1);
  Bounded(
      [&] {
        for (uint32_t i = 0; i < 1'000'000 && peer.end.empty();) {
          std::vector<Bytes> chunks;
          for (int n = 0; n < 55; ++n, ++i)
            chunks.push_back(
                Data(peer.tsn + i, static_cast<uint16_t>(i / 30'000), static_cast<uint16_t>(1 + i % 30'000), one));
          peer.Send(chunks);
        }
      },
      16 * kMebibyte);
  REQUIRE(!peer.end.empty());
  REQUIRE_EQ(peer.messages, 0);
}

TEST(transport_sctp_follows_a_forward_tsn_however_far) {
  for (const uint32_t ahead : {1u, 1000u, 1'000'000u, 0x7fff'fff0u, 0x8000'0010u, 0xffff'ffffu}) {
    SctpPeer peer;
    Bytes forward;
    Append32(forward, peer.tsn + ahead);
    for (uint16_t stream = 0; stream < 250; ++stream) {
      Append16(forward, stream);
      Append16(forward, 40'000);
    }
    Bounded(
        [&] {
          for (int i = 0; i < 20; ++i) peer.Send({Chunk(192, 0, forward)});
        },
        kMebibyte);
    peer.RunFor(1000);
    if (peer.end.empty() && ahead < 0x7fff'ffff) REQUIRE(Works(peer, peer.tsn + ahead + 1));
  }
}

TEST(transport_sctp_follows_numbers_that_wrap_and_swap) {
  // Where one byte, two, or all of them turn over, and where werift once compared as text.
  for (const uint32_t border : {256u, 65'536u, 1'000'000'000u, 0x8000'0000u, 0u}) {
    SctpPeer peer(border - 20);
    for (uint32_t i = 0; i < 40; i += 2) {
      const auto sequence = static_cast<uint16_t>(i);
      peer.Send({Data(border - 20 + i + 1, 1, static_cast<uint16_t>(sequence + 1), Bytes(10))});
      peer.Send({Data(border - 20 + i, 1, sequence, Bytes(10))});
    }
    REQUIRE_EQ(peer.messages, 40);
    peer.RunFor(500);
    REQUIRE_EQ(peer.LastSack()->cumulative, border + 19);
    REQUIRE_EQ(peer.LastSack()->gaps, 0);
  }
}

TEST(transport_sctp_serves_all_streams_that_it_announces_and_no_further) {
  SctpPeer peer;
  uint32_t tsn = peer.tsn;
  Bounded(
      [&] {
        for (uint16_t stream = 0; stream < 1024; ++stream)
          peer.Send({Data(tsn++, stream, 0, Bytes(10)), Data(tsn++, stream, 0, Bytes(10), kUnordered | kWhole)});
      },
      2 * kMebibyte);
  REQUIRE(peer.end.empty());
  REQUIRE_EQ(peer.messages, 2048);
  for (uint32_t stream = 65'535; stream >= 1024 && peer.end.empty(); --stream)
    peer.Send({Data(tsn++, static_cast<uint16_t>(stream), 0, Bytes(10))});
  REQUIRE(!peer.end.empty());
}

TEST(transport_sctp_takes_floods_of_handshakes_and_requests) {
  SctpPeer peer;
  Bytes init;
  Append32(init, 0x55667788);
  Append32(init, 1024 * 1024);
  Append16(init, 10);
  Append16(init, 10);
  Append32(init, 77);
  std::mt19937 random(kSeed);
  const uint64_t sent = peer.bytes_sent, answered = peer.server_bytes;
  Bounded(
      [&] {
        for (uint32_t i = 0; i < 10'000; ++i) {
          peer.SendTagged(0, {Chunk(1, 0, init)});
          Bytes cookie(100);
          for (uint8_t& byte : cookie) byte = static_cast<uint8_t>(random());
          peer.Send({Chunk(10, 0, cookie)});
          peer.Send({Chunk(4, 0, Bytes(16))});  // HEARTBEAT
        }
      },
      2 * kMebibyte);
  // What comes back is of the size of what came.
  REQUIRE(peer.server_bytes - answered < 8 * (peer.bytes_sent - sent));
  REQUIRE(Works(peer, peer.tsn));
}

TEST(transport_sctp_survives_random_chunks) {
  std::mt19937 random(kSeed);
  for (int round = 0; round < 200; ++round) {
    SctpPeer peer;
    Bounded(
        [&] {
          for (int i = 0; i < 200; ++i) {
            std::vector<Bytes> chunks;
            for (uint32_t n = random() % 5; n > 0; --n) {
              constexpr uint8_t kTypes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 14, 64, 130, 192, 194};
              Bytes value(random() % 60);
              for (uint8_t& byte : value) byte = static_cast<uint8_t>(random());
              // Often near what the server waits for.
              if (value.size() >= 4 && random() % 2) value[0] = value[1] = value[2] = 0;
              chunks.push_back(Chunk(kTypes[random() % std::size(kTypes)], static_cast<uint8_t>(random() % 8), value));
            }
            if (!chunks.empty()) peer.Send(chunks);
          }
          peer.RunFor(10'000);
        },
        kMebibyte);
  }
}
