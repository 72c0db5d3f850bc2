// What a queue that is not drained keeps: messages of users and of signaling have separate bounds, states have none.
#include "core/event_queue.h"

#include <cstring>
#include <string>
#include <vector>

#include "../harness/harness.h"

namespace {

using sora::EventQueue;

constexpr uint32_t kSmallest = 65'536;
constexpr uint32_t kSignaling = 64 * 1024 * 1024;
constexpr uint32_t kUser = 1, kProtocol = 2;

// Pushes messages until one is dropped; returns how many were accepted.
uint32_t Flood(EventQueue& queue, uint32_t handle, const std::string& message, bool signaling) {
  uint32_t taken = 0;
  while (queue.PushMessage(handle, message, true, signaling)) ++taken;
  return taken;
}

// Drains the queue; returns the number of records of a handle.
uint32_t Drain(EventQueue& queue, uint32_t handle) {
  uint32_t found = 0;
  std::vector<uint8_t> buffer(2 << 20);
  for (int32_t size; (size = queue.Drain(buffer.data(), static_cast<uint32_t>(buffer.size()))) > 0;) {
    for (int32_t at = 0; at < size;) {
      uint32_t header[4];
      std::memcpy(header, &buffer[static_cast<size_t>(at)], sizeof(header));
      if (header[2] == handle) ++found;
      at += SORA_EVENT_HEADER_SIZE + static_cast<int32_t>((header[0] + 3) / 4 * 4);
    }
  }
  return found;
}

}  // namespace

TEST(event_queue_keeps_signaling_while_users_messages_are_dropped) {
  EventQueue queue(kSmallest);
  const std::string message(1000, 'x');
  const uint32_t users = Flood(queue, kUser, message, false);
  REQUIRE_EQ(users, kSmallest / (message.size() + SORA_EVENT_HEADER_SIZE));
  for (int i = 0; i < 1000; i++) REQUIRE(queue.PushMessage(kProtocol, message, true, true));
  REQUIRE(!queue.PushMessage(kUser, message, true, false));
  queue.Push(SORA_EVENT_PEER_STATE, kProtocol);
  REQUIRE_EQ(Drain(queue, kProtocol), 1001u);
  // There is room again for both.
  REQUIRE_EQ(Flood(queue, kUser, message, false), users);
  REQUIRE(queue.PushMessage(kProtocol, message, true, true));
  REQUIRE_EQ(Drain(queue, kUser), users);
}

TEST(event_queue_bounds_signaling) {
  EventQueue queue(kSmallest);
  const std::string message(1 << 20, 'x');
  const uint32_t taken = Flood(queue, kProtocol, message, true);
  REQUIRE_EQ(taken, kSignaling / (message.size() + SORA_EVENT_HEADER_SIZE));
  // Users' messages and states still come through.
  REQUIRE(queue.PushMessage(kUser, "hello", true, false));
  for (int i = 0; i < 100; i++) queue.Push(SORA_EVENT_PEER_STATE, kUser);
  REQUIRE_EQ(Drain(queue, kUser), 101u);
  REQUIRE_EQ(Flood(queue, kProtocol, message, true), taken);
}
