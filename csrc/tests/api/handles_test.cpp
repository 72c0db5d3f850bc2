// Handles: stale ones, those of another kind and those never given are refused, and slots are reused late.
#include <cstring>
#include <set>
#include <vector>

#include "support.h"

namespace {

constexpr uint32_t kSlots = 16'384, kReuseDistance = 1024, kSlotMask = kSlots - 1;

uint32_t CreateQueue() {
  uint32_t queue = 0;
  REQUIRE_RESULT(sora_queue_create(65'536, &queue), SORA_OK);
  return queue;
}

}  // namespace

TEST(handles_zero_is_no_handle_for_any_function) {
  uint8_t byte = 0;
  int16_t sample = 0;
  float sample_f32 = 0;
  double info[SORA_VIDEO_INFO_COUNT] = {};
  uint32_t out = 77;
  const std::vector<int32_t> results = {
      sora_queue_wait(0, 0),
      sora_queue_interrupt(0),
      sora_queue_set_wakeup(0, nullptr),
      sora_queue_drain(0, &byte, 1),
      sora_queue_next_size(0),
      sora_queue_close(0),
      sora_factory_create(0, nullptr, 0, &out),
      sora_factory_check_threads(0),
      sora_factory_close(0),
      sora_peer_create(0, Bytes("{}"), 2, &out),
      sora_peer_set_remote_offer(0, Bytes("v=0"), 3, 1),
      sora_peer_add_sender(0, 0, Bytes("{}"), 2, 1),
      sora_peer_set_encodings(0, Bytes("{}"), 2, 1),
      sora_peer_create_answer(0, 1),
      sora_peer_get_stats(0, 1),
      sora_peer_close(0),
      sora_data_channel_send(0, &byte, 1, 0),
      sora_data_channel_buffered_amount(0),
      sora_data_channel_close(0),
      sora_track_set_enabled(0, 1),
      sora_track_release(0),
      sora_audio_source_create(0, 48'000, 2, &out),
      sora_audio_source_push(0, &sample, 1, 48'000, 1, -1, -1),
      sora_audio_source_push_f32(0, &sample_f32, 1, 48'000, 1, -1, -1),
      sora_audio_source_close(0),
      sora_audio_sink_create(0, 0, 0, 100, &out),
      sora_audio_sink_read(0, &sample, 1, 1, 1, info),
      sora_audio_sink_close(0),
      sora_video_source_create(0, &out),
      sora_video_source_push(0, &byte, 1, 1, 1, 0, SORA_VIDEO_FORMAT_NV12, 0, -1),
      sora_video_source_push_frame(0, 0),
      sora_video_source_close(0),
      sora_video_sink_create(0, 1, &out),
      sora_video_sink_take(0, info),
      sora_video_sink_dropped(0),
      sora_video_sink_close(0),
      sora_video_frame_copy(0, SORA_VIDEO_FORMAT_BGR, &byte, 1, 0, 0),
      sora_video_frame_transfer(0, info),
      sora_track_id(0, &byte, 1),
      sora_video_frame_release(0),
      sora_udp_port_open(0, Bytes("127.0.0.1"), 9, &out),
      sora_udp_port_fingerprint(0, &byte, 1),
      sora_udp_port_read(0, &byte, 1),
      sora_udp_port_send(0, &byte, 1, nullptr, 0),
      sora_udp_port_stats(0, info, 1),
      sora_udp_port_close(0),
      sora_transport_create(0, 0, &out, &out),
      sora_transport_credentials(0, &byte, 1),
      sora_transport_set_remote(0, Bytes("a sha-256 b"), 11),
      sora_transport_send_messages(0, &byte, 1, nullptr, 0),
      sora_transport_reset_streams(0, nullptr, 0),
      sora_transport_release(0, 0),
      sora_transport_forget(0, 0),
      sora_transport_ignore(0, 0),
      sora_transport_set_video(0, 0),
      sora_transport_want(0, 0),
      sora_transport_set_padding(0, 0, 97, 0, 3),
      sora_transport_stats(0, info, 1),
      sora_transport_close(0),
  };
  for (size_t i = 0; i < results.size(); ++i) {
    // A frame of one pixel needs more than the given byte, which is checked before the handle.
    const int32_t expected = i == 29 ? SORA_ERROR_BUFFER_TOO_SMALL : SORA_ERROR_INVALID_HANDLE;
    if (results[i] != expected)
      test::Fail(__FILE__, __LINE__, "call " + std::to_string(i) + " gave " + std::to_string(results[i]));
  }
  REQUIRE_EQ(out, 77u);
}

TEST(handles_of_another_kind_are_refused_and_say_so) {
  const Queue queue;
  REQUIRE_RESULT(sora_peer_close(queue.handle()), SORA_ERROR_INVALID_HANDLE);
  REQUIRE_HAS(LastError(), "peer");
  REQUIRE_HAS(LastError(), "queue");
  REQUIRE_RESULT(sora_queue_next_size(queue.handle()), 0);
}

TEST(handles_that_were_never_given_are_refused) {
  const Queue queue;
  const uint32_t kind = queue.handle() & 0xf000'0000;
  for (const uint32_t handle : {kind, kind | kSlotMask, 0xffff'ffffu, 1u, kind | 0x0fff'ffffu})
    REQUIRE(sora_queue_next_size(handle) == SORA_ERROR_INVALID_HANDLE || sora_queue_next_size(handle) == SORA_ERROR_CLOSED);
}

TEST(handles_closed_twice_are_closed) {
  const uint32_t queue = CreateQueue();
  REQUIRE_RESULT(sora_queue_close(queue), SORA_OK);
  REQUIRE_RESULT(sora_queue_close(queue), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_queue_next_size(queue), SORA_ERROR_CLOSED);
  REQUIRE_HAS(LastError(), "closed");
}

TEST(handles_stay_stale_when_their_slot_is_used_again) {
  std::vector<uint32_t> closed;
  std::set<uint32_t> seen;
  bool reused = false;
  for (uint32_t i = 0; i < 5 * kReuseDistance; ++i) {
    const uint32_t queue = CreateQueue();
    REQUIRE(seen.insert(queue).second);  // never the same handle again
    for (size_t k = closed.size() - std::min<size_t>(closed.size(), kReuseDistance); k < closed.size(); ++k)
      REQUIRE((closed[k] & kSlotMask) != (queue & kSlotMask));  // nor a slot that was freed a short while ago
    for (const uint32_t old : closed) reused |= (old & kSlotMask) == (queue & kSlotMask);
    REQUIRE_RESULT(sora_queue_close(queue), SORA_OK);
    closed.push_back(queue);
  }
  REQUIRE(reused);
  for (const uint32_t old : closed) REQUIRE_RESULT(sora_queue_next_size(old), SORA_ERROR_CLOSED);
}

TEST(handles_end_at_16384_and_say_what_to_do) {
  std::vector<uint32_t> queues;
  uint32_t queue = 0;
  int32_t result;
  while ((result = sora_queue_create(65'536, &queue)) == SORA_OK && queues.size() <= kSlots) queues.push_back(queue);
  REQUIRE_RESULT(result, SORA_ERROR_LIMIT);
  REQUIRE_HAS(LastError(), "16384");
  REQUIRE_EQ(queues.size(), kSlots);
  REQUIRE_RESULT(sora_queue_close(queues.back()), SORA_OK);
  queues.pop_back();
  queues.push_back(CreateQueue());
  // Nothing else can be made while they are open, and failed attempts leave nothing behind.
  uint32_t factory = 0;
  REQUIRE_RESULT(sora_factory_create(queue = queues.front(), nullptr, 0, &factory), SORA_ERROR_LIMIT);
  for (const uint32_t open : queues) REQUIRE_RESULT(sora_queue_close(open), SORA_OK);
}

TEST(errors_and_versions_are_cut_at_the_size_of_the_buffer) {
  REQUIRE_EQ(sora_abi_version(), static_cast<uint32_t>(SORA_ABI_VERSION));
  const int32_t length = sora_version(nullptr, 0);
  REQUIRE(length > 0);
  std::string version(static_cast<size_t>(length), '\0');
  REQUIRE_EQ(sora_version(reinterpret_cast<uint8_t*>(version.data()), Size(version)), length);
  REQUIRE_HAS(version, "\"abi\":" + std::to_string(SORA_ABI_VERSION));
  for (const char* key : {"\"library\":\"", "\"libwebrtc\":\"", "\"platform\":\"linux-"}) REQUIRE_HAS(version, key);
  uint8_t cut[8];
  std::memset(cut, '#', sizeof(cut));
  REQUIRE_EQ(sora_version(cut, 4), length);
  REQUIRE_EQ(std::string_view(reinterpret_cast<char*>(cut), 8), version.substr(0, 4) + "####");

  REQUIRE_RESULT(sora_queue_close(0), SORA_ERROR_INVALID_HANDLE);
  const std::string error = LastError();
  REQUIRE(error.size() > 4);
  REQUIRE_EQ(sora_last_error(cut, 4), static_cast<int32_t>(error.size()));
  REQUIRE_EQ(std::string_view(reinterpret_cast<char*>(cut), 8), error.substr(0, 4) + "####");
}
