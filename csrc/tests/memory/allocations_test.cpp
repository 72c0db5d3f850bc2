// C functions whose n-th allocation fails, for each n: they give an error code, leave nothing open and lose no memory. Those are
// left out that run libwebrtc's code or the JSON parser on the caller's thread: these end the process when memory runs out (the
// destructor of a JSON value allocates).
#include <functional>
#include <string>
#include <vector>

#include "../api/support.h"
#include "allocation.h"

namespace {

constexpr int kMost = 500;

// Calls over and over, each time with a later allocation that fails, until none does.
void EachAllocationFails(const std::function<int32_t()>& call, const std::function<void()>& undo = [] {}) {
  // What is made once is made here.
  REQUIRE(call() >= 0);
  undo();
  int n = 1;
  for (; n <= kMost; ++n) {
    const int64_t before = test::Allocated();
    const uint32_t alive = sora_live_objects();
    test::FailAllocation(n);
    const int32_t result = call();
    const bool failed = test::AllocationFailed();
    test::FailAllocation(0);
    if (!failed) {
      REQUIRE(result >= 0);
      undo();
      break;
    }
    if (result >= 0) test::Fail(__FILE__, __LINE__, "allocation " + std::to_string(n) + " failed, and the call did not");
    REQUIRE(Eventually([&] { return sora_live_objects() == alive; }));
    // A text of an error stays for sora_last_error, without memory of its own.
    REQUIRE_EQ(test::Allocated(), before);
  }
  REQUIRE(n > 1 && n <= kMost);
}

// The same for calls that refuse their arguments: which error they give does not matter.
void EachAllocationOfARefusalFails(const std::function<int32_t()>& call) {
  REQUIRE(call() < 0);
  for (int n = 1; n <= kMost; ++n) {
    const int64_t before = test::Allocated();
    test::FailAllocation(n);
    const int32_t result = call();
    const bool failed = test::AllocationFailed();
    test::FailAllocation(0);
    REQUIRE(result < 0);
    REQUIRE_EQ(test::Allocated(), before);
    if (!failed) return;
  }
  test::Fail(__FILE__, __LINE__, "more allocations than 500");
}

}  // namespace

TEST(allocation_fails_in_queues) {
  uint32_t queue = 0;
  EachAllocationFails([&] { return sora_queue_create(65'536, &queue); },
                      [&] { REQUIRE_RESULT(sora_queue_close(queue), SORA_OK); });
}

TEST(allocation_fails_in_ports_and_transports) {
  const Queue queue;
  uint32_t port = 0, transport = 0, udp_port = 0;
  EachAllocationFails([&] { return sora_udp_port_open(queue.handle(), Bytes("127.0.0.1"), 9, &port); },
                      [&] { REQUIRE_RESULT(sora_udp_port_close(port), SORA_OK); });
  REQUIRE_RESULT(sora_udp_port_open(queue.handle(), Bytes("127.0.0.1"), 9, &port), SORA_OK);
  EachAllocationFails([&] { return sora_transport_create(port, 65'536, &transport, &udp_port); },
                      [&] { REQUIRE_RESULT(sora_transport_close(transport), SORA_OK); });
  REQUIRE_RESULT(sora_udp_port_close(port), SORA_OK);
}

TEST(allocation_fails_in_refusals) {
  const Queue queue;
  uint32_t out = 0;
  double info[SORA_VIDEO_INFO_COUNT];
  for (const auto& call : std::vector<std::function<int32_t()>>{
           [&] { return sora_queue_create(1, &out); },
           [&] { return sora_queue_close(1); },
           [&] { return sora_peer_create(queue.handle(), Bytes("{}"), 2, &out); },
           [&] { return sora_video_frame_size(9, 2, 2, 0); },
           [&] { return sora_video_frame_size(SORA_VIDEO_FORMAT_BGR, 20'000, 2, 0); },
           [&] { return sora_video_sink_take(7, info); },
           [&] { return sora_udp_port_open(queue.handle(), Bytes("localhost"), 9, &out); },
       })
    EachAllocationOfARefusalFails(call);
}
