// What tests of the C API share: waiting for events, and a factory that cleans up after itself.
#ifndef SORA_TESTS_SUPPORT_H
#define SORA_TESTS_SUPPORT_H

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "../harness/harness.h"
#include "../harness/offer.h"
#include "sora_ffi.h"

// The text of the last error on this thread.
std::string LastError();

// Fails with the text of the error unless the result is the expected code.
#define REQUIRE_RESULT(result, expected) RequireResult((result), (expected), #result, __FILE__, __LINE__)
void RequireResult(int32_t result, int32_t expected, const char* call, const char* file, int line);

// Polls a condition that becomes true on another thread; false when it does not within 10 s.
bool Eventually(const std::function<bool()>& condition);

// Runs after each test: requires that all native objects are gone.
void RequireNothingAlive();

inline const uint8_t* Bytes(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }
inline uint32_t Size(std::string_view text) { return static_cast<uint32_t>(text.size()); }

struct Event {
  uint16_t type = 0;
  uint16_t flags = 0;
  uint32_t handle = 0;
  uint32_t argument = 0;
  std::string payload;

  // Of SORA_EVENT_REQUEST_DONE.
  int32_t code() const;
  std::string text() const { return payload.substr(4); }
};

// A queue, with its events in the order they came.
class Queue {
 public:
  explicit Queue(uint32_t max_message_bytes = 1 << 20);
  ~Queue();
  Queue(const Queue&) = delete;

  uint32_t handle() const { return handle_; }

  // Takes the first event that matches, waiting up to 10 s for it; the others stay.
  Event Take(const std::function<bool(const Event&)>& matches, const char* what);
  Event Take(sora_event type, uint32_t handle);
  // The result of a request.
  Event Result(uint32_t peer, uint32_t request);
  // All events that have come so far.
  std::vector<Event> TakeAll();
  void Close();

 private:
  void Drain();

  uint32_t handle_ = 0;
  std::deque<Event> events_;
};

// A queue and a factory, both closed in the end.
class Session {
 public:
  Session();
  ~Session();

  uint32_t CreatePeer(std::string_view configuration = "{}");
  // Applies the offer and requires that it succeeds.
  void SetRemoteOffer(uint32_t peer, std::string_view sdp, uint32_t request);
  // The same for a sender, and for the answer, whose SDP it returns.
  void AddSender(uint32_t peer, uint32_t source, std::string_view options, uint32_t request);
  std::string Answer(uint32_t peer, uint32_t request);
  // Closes a peer and requires SORA_EVENT_CLOSED.
  void ClosePeer(uint32_t peer);
  // Closes the factory and requires SORA_EVENT_CLOSED.
  void Close();

  Queue queue;
  uint32_t factory = 0;

 private:
  bool closed_ = false;
};

#endif
