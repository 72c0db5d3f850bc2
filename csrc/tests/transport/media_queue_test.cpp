// When the reader of media is told that some waits.
#include "transport/media_queue.h"

#include <vector>

#include "../harness/harness.h"

namespace {

constexpr bool kMayWait = true;

struct Queue : sora::MediaQueue {
  bool Put(size_t size, double arrived_ms, bool may_wait = false) {
    return Add(1, std::vector<uint8_t>(size), false, arrived_ms, may_wait);
  }
  // Reads until there is nothing; returns how many bytes there were.
  size_t ReadAll(double now_ms = 0) {
    std::vector<uint8_t> buffer(64 * 1024);
    size_t all = 0;
    while (const size_t read = Read(buffer, now_ms)) all += read;
    return all;
  }
};

}  // namespace

TEST(transport_media_queue_tells_once_until_nothing_is_left) {
  Queue queue;
  REQUIRE(queue.Put(100, 1000));
  REQUIRE(!queue.Put(100, 1000));
  REQUIRE_EQ(queue.ReadAll(), 2 * 120);
  REQUIRE(queue.Put(100, 1001));
}

TEST(transport_media_queue_tells_of_a_frame_with_its_last_packet) {
  Queue queue;
  REQUIRE(!queue.Put(100, 1000.25, kMayWait));
  REQUIRE(!queue.Put(100, 1001.25, kMayWait));
  REQUIRE_EQ(queue.due_ms(), 1005);
  REQUIRE(!queue.Due(1004));
  REQUIRE(queue.Put(100, 1002.25));
  REQUIRE_EQ(queue.due_ms(), INT64_MAX);
  REQUIRE(!queue.Due(1010));
  // The beginning of the next frame comes before its reader.
  REQUIRE(!queue.Put(100, 1033, kMayWait));
  REQUIRE_EQ(queue.due_ms(), INT64_MAX);
  REQUIRE_EQ(queue.ReadAll(), 4 * 120);
}

TEST(transport_media_queue_tells_of_what_has_waited_for_5_ms) {
  Queue queue;
  REQUIRE(!queue.Put(100, 1000, kMayWait));
  REQUIRE(!queue.Put(100, 1004, kMayWait));
  REQUIRE(queue.Due(1005));
  REQUIRE(!queue.Due(1005));
  REQUIRE_EQ(queue.ReadAll(), 2 * 120);
  REQUIRE(!queue.Put(100, 1006, kMayWait));
  REQUIRE_EQ(queue.due_ms(), 1011);
}

TEST(transport_media_queue_tells_of_32_kibibytes_of_a_frame) {
  Queue queue;
  constexpr size_t kPacket = 1200, kRecord = 16 + kPacket;
  size_t waiting = 0;
  while (!queue.Put(kPacket, 1000, kMayWait)) waiting += kRecord;
  REQUIRE(waiting <= 32 * 1024 && waiting + kRecord > 32 * 1024);
  REQUIRE_EQ(queue.ReadAll(), waiting + kRecord);
}

TEST(transport_media_queue_has_nothing_due_once_it_was_read) {
  Queue queue;
  REQUIRE(!queue.Put(100, 1000, kMayWait));
  REQUIRE_EQ(queue.ReadAll(), 120);
  REQUIRE(!queue.Due(1005));
}

TEST(transport_media_queue_tells_a_slow_reader_at_once) {
  Queue queue;
  REQUIRE(queue.Put(100, 1000));
  queue.ReadAll(1001.5);
  REQUIRE(queue.Put(100, 1002, kMayWait));
  queue.ReadAll(1003);
  REQUIRE(!queue.Put(100, 1004, kMayWait));
  REQUIRE(queue.Due(1009));
  queue.ReadAll(1010.5);
  REQUIRE(queue.Put(100, 1011, kMayWait));
}
