#include "support.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;
// Under valgrind everything takes longer, see csrc/tests/memory.
const auto kPatience = std::chrono::seconds(std::getenv("SORA_TEST_LIMIT_S") ? 120 : 10);

}  // namespace

std::string LastError() {
  std::string text(static_cast<size_t>(sora_last_error(nullptr, 0)), '\0');
  sora_last_error(reinterpret_cast<uint8_t*>(text.data()), Size(text));
  return text;
}

void RequireResult(int32_t result, int32_t expected, const char* call, const char* file, int line) {
  if (result == expected) return;
  test::Fail(file, line,
             std::string(call) + " gave " + std::to_string(result) + ", not " + std::to_string(expected) +
                 (result < 0 ? ": " + LastError() : ""));
}

bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = Clock::now() + kPatience;
  while (!condition()) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

void RequireNothingAlive() {
  // What one test leaves alive must not fail the next.
  static uint32_t left = 0;
  if (Eventually([] { return sora_live_objects() == left; })) return;
  const uint32_t expected = left;
  left = sora_live_objects();
  test::Fail(__FILE__, __LINE__,
             "native objects that are alive: " + std::to_string(left) + ", not " + std::to_string(expected));
}

int32_t Event::code() const {
  int32_t code = 0;
  REQUIRE(payload.size() >= sizeof(code));
  std::memcpy(&code, payload.data(), sizeof(code));
  return code;
}

Queue::Queue(uint32_t max_message_bytes) { REQUIRE_RESULT(sora_queue_create(max_message_bytes, &handle_), SORA_OK); }

Queue::~Queue() {
  if (handle_) sora_queue_close(handle_);
}

void Queue::Close() {
  REQUIRE_RESULT(sora_queue_close(handle_), SORA_OK);
  handle_ = 0;
}

void Queue::Drain() {
  std::vector<uint8_t> buffer(1 << 16);
  for (;;) {
    if (const int32_t next = sora_queue_next_size(handle_); next > static_cast<int32_t>(buffer.size()))
      buffer.resize(static_cast<size_t>(next));
    const int32_t size = sora_queue_drain(handle_, buffer.data(), static_cast<uint32_t>(buffer.size()));
    REQUIRE(size >= 0);
    if (size == 0) return;
    for (size_t at = 0; at < static_cast<size_t>(size);) {
      uint32_t bytes;
      Event event;
      std::memcpy(&bytes, &buffer[at], 4);
      std::memcpy(&event.type, &buffer[at + 4], 2);
      std::memcpy(&event.flags, &buffer[at + 6], 2);
      std::memcpy(&event.handle, &buffer[at + 8], 4);
      std::memcpy(&event.argument, &buffer[at + 12], 4);
      event.payload.assign(reinterpret_cast<const char*>(&buffer[at + SORA_EVENT_HEADER_SIZE]), bytes);
      events_.push_back(std::move(event));
      at += SORA_EVENT_HEADER_SIZE + (bytes + 3) / 4 * 4;
    }
  }
}

Event Queue::Take(const std::function<bool(const Event&)>& matches, const char* what) {
  const auto deadline = Clock::now() + kPatience;
  for (;;) {
    Drain();
    for (auto event = events_.begin(); event != events_.end(); ++event) {
      if (!matches(*event)) continue;
      Event found = std::move(*event);
      events_.erase(event);
      return found;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) test::Fail(__FILE__, __LINE__, std::string("did not come: ") + what);
    REQUIRE(sora_queue_wait(handle_, static_cast<uint32_t>(left)) >= 0);
  }
}

Event Queue::Take(sora_event type, uint32_t handle) {
  const std::string what = "event " + std::to_string(type);
  return Take([&](const Event& e) { return e.type == type && e.handle == handle; }, what.c_str());
}

Event Queue::Result(uint32_t peer, uint32_t request) {
  const std::string what = "the result of request " + std::to_string(request);
  return Take([&](const Event& e) { return e.type == SORA_EVENT_REQUEST_DONE && e.handle == peer && e.argument == request; },
              what.c_str());
}

std::vector<Event> Queue::TakeAll() {
  Drain();
  std::vector<Event> all(events_.begin(), events_.end());
  events_.clear();
  return all;
}

Session::Session() { REQUIRE_RESULT(sora_factory_create(queue.handle(), nullptr, 0, &factory), SORA_OK); }

Session::~Session() {
  if (!closed_) sora_factory_close(factory);
}

uint32_t Session::CreatePeer(std::string_view configuration) {
  uint32_t peer = 0;
  REQUIRE_RESULT(sora_peer_create(factory, Bytes(configuration), Size(configuration), &peer), SORA_OK);
  REQUIRE(peer != 0);
  return peer;
}

void Session::SetRemoteOffer(uint32_t peer, std::string_view sdp, uint32_t request) {
  REQUIRE_RESULT(sora_peer_set_remote_offer(peer, Bytes(sdp), Size(sdp), request), SORA_OK);
  const Event done = queue.Result(peer, request);
  REQUIRE_EQ(done.text(), "");
  REQUIRE_EQ(done.code(), SORA_OK);
}

void Session::AddSender(uint32_t peer, uint32_t source, std::string_view options, uint32_t request) {
  REQUIRE_RESULT(sora_peer_add_sender(peer, source, Bytes(options), Size(options), request), SORA_OK);
  const Event done = queue.Result(peer, request);
  REQUIRE_EQ(done.text(), "");
  REQUIRE_EQ(done.code(), SORA_OK);
}

std::string Session::Answer(uint32_t peer, uint32_t request) {
  REQUIRE_RESULT(sora_peer_create_answer(peer, request), SORA_OK);
  const Event done = queue.Result(peer, request);
  if (done.code() != SORA_OK) test::Fail(__FILE__, __LINE__, done.text());
  return done.text();
}

void Session::ClosePeer(uint32_t peer) {
  REQUIRE_RESULT(sora_peer_close(peer), SORA_OK);
  queue.Take(SORA_EVENT_CLOSED, peer);
}

void Session::Close() {
  closed_ = true;
  REQUIRE_RESULT(sora_factory_close(factory), SORA_OK);
  queue.Take(SORA_EVENT_CLOSED, factory);
}
