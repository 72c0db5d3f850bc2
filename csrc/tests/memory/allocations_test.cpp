// C functions whose n-th allocation fails, for each n: they give an error code, leave nothing open and lose no memory. Those are
// left out that run libwebrtc's code on the caller's thread: it ends the process when memory runs out.
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

// Options are read before the handle, which is none of a factory here; each field is one that the reader knows.
TEST(allocation_fails_in_options_of_a_peer) {
  const Queue queue;
  uint32_t peer = 0;
  for (const std::string_view text : {
           R"({"sync":true,"iceTransportPolicy":"relay","iceServers":[{"urls":["turn:a.example:1","turns:b.example:2"],)"
           R"("username":"somebody whose name is long","credential":"a secret that is long \u00e9 enough"}],)"
           R"("tls":{"insecure":true},"proxy":{"host":"proxy.example","port":3128,"username":"somebody else at the proxy",)"
           R"("password":"a secret of the proxy's own","agent":"an agent with a long name"}})",
           R"({"iceServers":[{"urls":[1]}]})",
           R"({"tls":{"clientKey":"neither a certificate nor a key stands in here"}})",
           R"({"iceServers":[[[[[{"cut")",
       })
    EachAllocationOfARefusalFails([&] { return sora_peer_create(queue.handle(), Bytes(text), Size(text), &peer); });
}

TEST(allocation_fails_in_options_of_a_factory) {
  const Queue queue;
  uint32_t factory = 0;
  for (const std::string_view text : {
           R"({"raiseThreads":false,"openh264":"/nowhere/libopenh264.so.7","codecs":[{"type":"VP8","encoder":"INTERNAL",)"
           R"("decoder":"INTERNAL"},{"type":"H264","encoder":"an engine that there is not","decoder":"INTERNAL",)"
           R"("fallbackEncoder":"another one that there is not","fallbackDecoder":"INTERNAL"},{"type":"H266"}]})",
           R"({"codecs":[{"type":"VP8","encoder":1}]})",
           R"({"raiseThreads":"a text whose length is more than a few characters"})",
           R"({"an option that nobody knows and that is long":null})",
       })
    EachAllocationOfARefusalFails([&] { return sora_factory_create(queue.handle(), Bytes(text), Size(text), &factory); });
}

TEST(allocation_fails_in_options_of_senders) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  uint32_t source = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &source), SORA_OK);
  constexpr std::string_view kSender =
      R"({"mid":"a mid of many characters","streamId":"a stream of many characters","degradationPreference":"of no kind"})";
  EachAllocationOfARefusalFails([&] { return sora_peer_add_sender(peer, source, Bytes(kSender), Size(kSender), 1); });
  constexpr std::string_view kEncodings =
      R"({"mid":"a mid of many characters","encodings":[{"rid":"r0","active":true,"maxBitrate":1e6,"maxFramerate":30,)"
      R"("scalabilityMode":"a mode of many characters","scaleResolutionDownTo":{"maxWidth":640,"maxHeight":360}},)"
      R"({"rid":"r1","scaleResolutionDownBy":0}]})";
  EachAllocationOfARefusalFails([&] { return sora_peer_set_encodings(peer, Bytes(kEncodings), Size(kEncodings), 2); });
  REQUIRE_RESULT(sora_video_source_close(source), SORA_OK);
}
