// The event queue: waiting, waking up, draining. Records come from requests to a peer.
#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "support.h"

namespace {

using Clock = std::chrono::steady_clock;

std::atomic<int> wakeups{0};
void CountWakeup() { wakeups.fetch_add(1); }

double Milliseconds(Clock::time_point since) {
  return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
}

// Completes at once, with an error.
void Request(uint32_t peer, uint32_t number) { REQUIRE_RESULT(sora_peer_create_answer(peer, number), SORA_OK); }

// Returns when all requests made so far are done: objects closed after them are released after them.
void Settle(const Session& session) {
  const uint32_t alive = sora_live_objects();
  uint32_t source = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &source), SORA_OK);
  REQUIRE_RESULT(sora_video_source_close(source), SORA_OK);
  REQUIRE(Eventually([&] { return sora_live_objects() == alive; }));
}

}  // namespace

TEST(queue_checks_its_arguments) {
  uint32_t queue = 0;
  REQUIRE_RESULT(sora_queue_create(65'535, &queue), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_queue_create(1'073'741'825, &queue), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_queue_create(65'536, nullptr), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_EQ(queue, 0u);
  const Queue made(65'536);
  REQUIRE_RESULT(sora_queue_wait(made.handle(), 3'600'001), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_queue_drain(made.handle(), nullptr, 16), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_queue_drain(made.handle(), nullptr, 0), 0);
  REQUIRE_RESULT(sora_queue_next_size(made.handle()), 0);
}

TEST(queue_wait_ends_with_its_timeout) {
  const Queue queue;
  const auto began = Clock::now();
  REQUIRE_RESULT(sora_queue_wait(queue.handle(), 0), 0);
  REQUIRE_RESULT(sora_queue_wait(queue.handle(), 30), 0);
  const double waited = Milliseconds(began);
  REQUIRE(waited >= 29 && waited < 5'000);
}

TEST(queue_interrupt_ends_the_pending_wait_or_the_next) {
  const Queue queue;
  REQUIRE_RESULT(sora_queue_interrupt(queue.handle()), SORA_OK);
  auto began = Clock::now();
  REQUIRE_RESULT(sora_queue_wait(queue.handle(), 20'000), 0);
  REQUIRE(Milliseconds(began) < 5'000);
  // It was used up.
  REQUIRE_RESULT(sora_queue_wait(queue.handle(), 1), 0);

  std::atomic<int> result{99};
  std::thread waiter([&] { result = sora_queue_wait(queue.handle(), 20'000); });
  REQUIRE_RESULT(sora_queue_interrupt(queue.handle()), SORA_OK);
  waiter.join();
  REQUIRE_EQ(result.load(), 0);
}

TEST(queue_close_ends_the_pending_wait) {
  Queue queue;
  std::atomic<int> result{99};
  const uint32_t handle = queue.handle();
  std::thread waiter([&] { result = sora_queue_wait(handle, 20'000); });
  queue.Close();
  waiter.join();
  REQUIRE_EQ(result.load(), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_queue_wait(handle, 0), SORA_ERROR_CLOSED);
}

TEST(queue_keeps_the_order_of_results_and_their_numbers) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  const std::vector<uint32_t> numbers = {7, 0, 0xffff'ffff, 42, 1};
  for (const uint32_t number : numbers) Request(peer, number);
  for (const uint32_t number : numbers) {
    const Event done = session.queue.Take(
        [&](const Event& e) { return e.type == SORA_EVENT_REQUEST_DONE && e.handle == peer; }, "a result");
    REQUIRE_EQ(done.argument, number);
    REQUIRE_EQ(done.code(), SORA_ERROR_INVALID_STATE);
    REQUIRE(!done.text().empty());
  }
  session.ClosePeer(peer);
}

TEST(queue_says_how_much_the_first_record_needs) {
  Session session;
  const uint32_t queue = session.queue.handle();
  const uint32_t peer = session.CreatePeer();
  Request(peer, 5);
  REQUIRE_RESULT(sora_queue_wait(queue, 10'000), 1);
  REQUIRE_RESULT(sora_queue_wait(queue, 0), 1);  // returns at once while there is a record
  const int32_t needed = sora_queue_next_size(queue);
  REQUIRE(needed > SORA_EVENT_HEADER_SIZE && needed % 4 == 0);
  std::vector<uint8_t> buffer(static_cast<size_t>(needed) + 8, 0xee);
  REQUIRE_RESULT(sora_queue_drain(queue, buffer.data(), 0), SORA_ERROR_BUFFER_TOO_SMALL);
  REQUIRE_RESULT(sora_queue_drain(queue, buffer.data(), static_cast<uint32_t>(needed) - 1), SORA_ERROR_BUFFER_TOO_SMALL);
  REQUIRE_EQ(buffer[0], 0xee);
  REQUIRE_RESULT(sora_queue_next_size(queue), needed);
  REQUIRE_RESULT(sora_queue_drain(queue, buffer.data(), static_cast<uint32_t>(needed)), needed);
  uint32_t size = 0, handle = 0, argument = 0;
  uint16_t type = 0;
  std::memcpy(&size, &buffer[0], 4);
  std::memcpy(&type, &buffer[4], 2);
  std::memcpy(&handle, &buffer[8], 4);
  std::memcpy(&argument, &buffer[12], 4);
  REQUIRE_EQ(type, SORA_EVENT_REQUEST_DONE);
  REQUIRE_EQ(handle, peer);
  REQUIRE_EQ(argument, 5u);
  REQUIRE_EQ((size + 3) / 4 * 4 + SORA_EVENT_HEADER_SIZE, static_cast<uint32_t>(needed));
  for (size_t i = SORA_EVENT_HEADER_SIZE + size; i < static_cast<size_t>(needed); ++i) REQUIRE_EQ(buffer[i], 0);
  for (size_t i = static_cast<size_t>(needed); i < buffer.size(); ++i) REQUIRE_EQ(buffer[i], 0xee);
  session.ClosePeer(peer);
}

TEST(queue_drain_moves_whole_records_only) {
  Session session;
  const uint32_t queue = session.queue.handle();
  const uint32_t peer = session.CreatePeer();
  for (uint32_t i = 0; i < 10; ++i) Request(peer, i);
  int32_t each = 0;
  REQUIRE(Eventually([&] { return (each = sora_queue_next_size(queue)) > 0; }));
  // Room for two and a half: all ten have the same size.
  std::vector<uint8_t> buffer(static_cast<size_t>(each) * 5 / 2);
  uint32_t expected = 0;
  REQUIRE(Eventually([&] {
    const int32_t size = sora_queue_drain(queue, buffer.data(), static_cast<uint32_t>(buffer.size()));
    REQUIRE(size == 0 || size == each || size == 2 * each);
    for (int32_t at = 0; at < size; at += each) {
      uint32_t argument;
      std::memcpy(&argument, &buffer[static_cast<size_t>(at) + 12], 4);
      REQUIRE_EQ(argument, expected++);
    }
    return expected == 10;
  }));
  session.ClosePeer(peer);
}

TEST(queue_wakes_up_once_until_it_was_drained) {
  Session session;
  const uint32_t queue = session.queue.handle();
  const uint32_t peer = session.CreatePeer();
  wakeups = 0;
  REQUIRE_RESULT(sora_queue_set_wakeup(queue, CountWakeup), SORA_OK);
  for (int round = 1; round <= 3; ++round) {
    for (uint32_t i = 0; i < 20; ++i) Request(peer, i);
    Settle(session);
    REQUIRE_EQ(wakeups.load(), round);
    REQUIRE_EQ(session.queue.TakeAll().size(), 20u);
  }
  REQUIRE_RESULT(sora_queue_set_wakeup(queue, nullptr), SORA_OK);
  Request(peer, 100);
  Settle(session);
  REQUIRE_EQ(wakeups.load(), 3);
  // A wake-up that is set while records wait is called at once.
  REQUIRE_RESULT(sora_queue_set_wakeup(queue, CountWakeup), SORA_OK);
  REQUIRE_EQ(wakeups.load(), 4);
  REQUIRE_RESULT(sora_queue_set_wakeup(queue, nullptr), SORA_OK);
  session.ClosePeer(peer);
}

TEST(queue_that_is_closed_forgets_and_its_factory_goes_on) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  for (uint32_t i = 0; i < 100; ++i) Request(peer, i);
  session.queue.Close();
  Request(peer, 100);
  REQUIRE_RESULT(sora_peer_close(peer), SORA_OK);
}

TEST(queue_that_is_closed_ends_the_log_that_it_receives) {
  {
    const Queue receiver;
    REQUIRE_RESULT(sora_log_enable(receiver.handle(), SORA_LOG_SEVERITY_INFO), SORA_OK);
  }
  // The log would keep it.
  REQUIRE_EQ(sora_live_objects(), 0u);
  Queue receiver;
  REQUIRE_RESULT(sora_log_enable(receiver.handle(), SORA_LOG_SEVERITY_ERROR), SORA_OK);
  Queue().Close();
  REQUIRE_RESULT(sora_log_write(SORA_LOG_SEVERITY_ERROR, Bytes("a line"), 6), SORA_OK);
  const auto is_line = [](const Event& e) { return e.type == SORA_EVENT_LOG && e.payload.ends_with("a line"); };
  receiver.Take(is_line, "the line of another queue's log");
}

TEST(queue_that_is_closed_by_one_thread_receives_no_log_of_another) {
  for (int i = 0; i < 200; ++i) {
    uint32_t queue = 0;
    REQUIRE_RESULT(sora_queue_create(1 << 20, &queue), SORA_OK);
    std::thread enables([queue] { sora_log_enable(queue, SORA_LOG_SEVERITY_ERROR); });
    const int32_t closed = sora_queue_close(queue);
    enables.join();
    REQUIRE_RESULT(closed, SORA_OK);
  }
}

TEST(queue_takes_results_of_many_peers_on_many_threads) {
  Session session;
  std::vector<uint32_t> peers;
  for (int i = 0; i < 4; ++i) peers.push_back(session.CreatePeer());
  constexpr uint32_t kEach = 500;
  std::vector<std::thread> threads;
  for (const uint32_t peer : peers) {
    threads.emplace_back([peer] {
      for (uint32_t i = 0; i < kEach; ++i) sora_peer_create_answer(peer, i);
    });
  }
  std::vector<uint32_t> next(peers.size(), 0);
  for (uint32_t i = 0; i < kEach * peers.size(); ++i) {
    const Event done = session.queue.Take([](const Event& e) { return e.type == SORA_EVENT_REQUEST_DONE; }, "a result");
    for (size_t k = 0; k < peers.size(); ++k)
      if (peers[k] == done.handle) REQUIRE_EQ(done.argument, next[k]++);
  }
  for (std::thread& thread : threads) thread.join();
  for (const uint32_t count : next) REQUIRE_EQ(count, kEach);
}
