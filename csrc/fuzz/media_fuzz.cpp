// Media on its way through the C functions: the commands of sora_udp_port_send, and the records of sora_udp_port_read.
#include <algorithm>
#include <cstring>
#include <deque>

#include "core/object.h"
#include "core/result.h"
#include "fuzz/fuzz.h"
#include "transport/media_commands.h"
#include "transport/media_queue.h"

namespace {

using fuzz::Bytes;
using fuzz::Script;

uint32_t Big32(const uint8_t* at) { return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3]; }

// The size of the packets stands before the words of the commands, each behind a byte that says how it is written.
std::vector<Bytes> media_commands_seeds() {
  return {
      {1, 0, 0, 8, 0, 20, 0, 1, 0, 9, 0, 1, 0, 2, 0, 3, 0, 0},
      {1, 0, 0, 8, 0, 20, 0, 2, 0, 9, 0, 1, 0, 2, 0, 3, 2, 0, 12, 0, 7, 0, 9, 0, 1, 0, 2, 0, 3, 2, 0, 18, 0, 7},
      {1, 0, 0, 0, 3, 0, 0, 0, 8, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 12, 0, 0},
      {1, 0, 0, 8, 0, 20, 2, 0xff, 0xff, 0xff, 0xff, 0, 9},
      {1, 0, 1, 1, 0, 0, 12, 0, 0, 2, 0xff, 0xff, 0xff, 0xff, 0, 12, 0, 0},
  };
}

std::vector<uint32_t> Words(Script& script) {
  std::vector<uint32_t> words;
  while (!script.done()) {
    const uint8_t width = script.Byte() % 4;
    const uint32_t value = script.Number(width == 3 ? 4 : 1u << width);
    words.push_back(width == 3 ? value | 0x8000'0000 : value);
  }
  return words;
}

std::vector<Bytes> media_queue_seeds() {
  return {
      {1, 0, 12, 0, 64, 0, 0, 64},
      {1, 0, 12, 1, 5, 220, 0, 4, 0, 0, 0, 8, 0, 8, 0, 0, 0, 1},
      {2, 255, 0, 255, 255},
      {5, 0, 100, 3, 4, 5, 0, 100, 3, 1, 0, 255, 255, 5, 0, 100, 1, 0, 100},
  };
}

}  // namespace

FUZZ_TARGET(media_commands, 60'000, 1024) {
  Script script(input);
  Bytes packets(script.Number(2) % 4096);
  for (size_t i = 0; i < packets.size(); ++i) packets[i] = static_cast<uint8_t>(i * 7);
  const std::vector<uint32_t> words = Words(script);
  std::optional<sora::MediaCommands> commands;
  try {
    commands.emplace(packets, words);
  } catch (const sora::Error& error) {
    FUZZ_REQUIRE(error.code() == SORA_ERROR_INVALID_ARGUMENT);
    return;
  }
  // The same, as the header of the C functions says it: in the order of the commands, and each transport's own order once
  // several packets go out together.
  struct Copy {
    size_t packet;  // The word where the command of its packet begins
    size_t target;  // The word where its target begins
  };
  std::vector<Copy> copies;
  size_t count_of_packets = 0;
  for (size_t at = 0; at < words.size(); ++count_of_packets) {
    const size_t packet = at;
    FUZZ_REQUIRE(size_t{words[packet]} + (words[packet + 1] & 0x7fff'ffff) <= packets.size());
    at += 3;
    for (uint32_t i = 0; i < words[packet + 2]; ++i, at += 5) copies.push_back({.packet = packet, .target = at});
  }
  if (count_of_packets > 1)
    std::ranges::stable_sort(copies, {}, [&](const Copy& copy) { return sora::SlotOf(words[copy.target]); });
  for (const auto& [packet, at] : copies) {
    const bool rtcp = words[packet + 1] >> 31;
    const uint32_t offset = words[packet], size = words[packet + 1] & 0x7fff'ffff;
    FUZZ_REQUIRE(commands->Next());
    FUZZ_REQUIRE(commands->transport() == words[at] && commands->rtcp() == rtcp && commands->size() == size);
    Bytes copy(size);
    commands->Write(copy.data());
    Bytes expected(packets.begin() + offset, packets.begin() + offset + size);
    if (!rtcp) {
      FUZZ_REQUIRE(Big32(&copy[0]) % 65'536 == words[at + 2] % 65'536 || words[at + 4] >> 16);
      FUZZ_REQUIRE((Big32(&copy[8]) == words[at + 1] && Big32(&copy[4]) == words[at + 3]) || words[at + 4] >> 16);
      std::copy_n(copy.begin() + 2, 10, expected.begin() + 2);
      if (const uint32_t number_at = words[at + 4] >> 16)
        std::copy_n(copy.begin() + number_at, 2, expected.begin() + number_at);
    }
    FUZZ_REQUIRE(copy == expected);
  }
  FUZZ_REQUIRE(!commands->Next());
}

FUZZ_TARGET(media_queue, 600, 48) {
  Script script(input);
  sora::MediaQueue queue;
  std::deque<Bytes> waiting;
  size_t bytes = 0, dropped = 0;
  bool told = false;
  int64_t now_ms = 0, due_ms = INT64_MAX, told_ms = 0;
  bool prompt = true;
  while (!script.done()) {
    const uint8_t choice = script.Byte(), step = choice % 4;
    if (step == 0) {
      Bytes buffer(script.Number(2));
      uint32_t read = 0;
      try {
        read = queue.Read(buffer, static_cast<double>(now_ms));
      } catch (const sora::Error& error) {
        FUZZ_REQUIRE(error.code() == SORA_ERROR_BUFFER_TOO_SMALL && !waiting.empty());
        FUZZ_REQUIRE(buffer.size() < 16 + (waiting.front().size() + 7) / 8 * 8);
        continue;
      }
      if (read == 0) {
        FUZZ_REQUIRE(waiting.empty());
        if (std::exchange(told, false)) prompt = now_ms - told_ms <= 1;
      }
      for (size_t at = 0; at < read;) {
        uint32_t head[2];
        std::memcpy(head, &buffer[at], sizeof head);
        const size_t size = head[1] & 0x7fff'ffff;
        FUZZ_REQUIRE(!waiting.empty() && size == waiting.front().size() && head[0] == size + 1 && head[1] >> 31 == size % 2);
        FUZZ_REQUIRE(std::ranges::equal(std::span(buffer).subspan(at + 16, size), waiting.front()));
        waiting.pop_front();
        bytes -= 16 + (size + 7) / 8 * 8;
        at += 16 + (size + 7) / 8 * 8;
      }
      if (waiting.empty()) due_ms = INT64_MAX;
      continue;
    }
    if (step == 3) {
      now_ms += script.Byte() % 8;
      const bool due = now_ms >= due_ms;
      FUZZ_REQUIRE(queue.Due(static_cast<double>(now_ms)) == due);
      if (due) told = true, told_ms = now_ms, due_ms = INT64_MAX;
      FUZZ_REQUIRE(queue.due_ms() == due_ms);
      continue;
    }
    const bool may_wait = choice & 4;
    const uint32_t size = 8 + script.Number(2) % 2041;
    for (int i = step == 1 ? 1 : script.Byte() * 8; i > 0; --i) {
      const Bytes packet(size, static_cast<uint8_t>(i));
      const size_t record = 16 + (size + 7) / 8 * 8;
      const bool tell = queue.Add(size + 1, packet, size % 2, static_cast<double>(now_ms), may_wait);
      if (bytes + record > 4 * 1024 * 1024) {
        FUZZ_REQUIRE(!tell);
        ++dropped;
      } else {
        waiting.push_back(packet);
        bytes += record;
        const bool waits = may_wait && prompt && bytes <= 32 * 1024;
        FUZZ_REQUIRE(tell == (!told && !waits));
        if (tell)
          told = true, told_ms = now_ms, due_ms = INT64_MAX;
        else if (!told)
          due_ms = std::min(due_ms, now_ms + 5);
      }
    }
    FUZZ_REQUIRE(queue.dropped() == static_cast<double>(dropped));
  }
}
