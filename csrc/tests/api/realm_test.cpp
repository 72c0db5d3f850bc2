// Realms: what a thread opens in one is closed when it ends, and only then.
#include <algorithm>
#include <atomic>
#include <iterator>
#include <thread>
#include <vector>

#include "support.h"

namespace {

std::atomic<int> wakeups{0};
void CountWakeup() { wakeups.fetch_add(1); }

// One object of every kind that needs no media.
struct Opened {
  uint32_t queue = 0, factory = 0, peer = 0, video = 0, audio = 0, vad = 0, transformer = 0;

  Opened() {
    REQUIRE_RESULT(sora_queue_create(1 << 20, &queue), SORA_OK);
    REQUIRE_RESULT(sora_queue_set_wakeup(queue, &CountWakeup), SORA_OK);
    REQUIRE_RESULT(sora_factory_create(queue, nullptr, 0, &factory), SORA_OK);
    REQUIRE_RESULT(sora_peer_create(factory, Bytes("{}"), 2, &peer), SORA_OK);
    REQUIRE_RESULT(sora_video_source_create(factory, &video), SORA_OK);
    REQUIRE_RESULT(sora_audio_source_create(factory, 48'000, 1, &audio), SORA_OK);
    REQUIRE_RESULT(sora_vad_create(&vad), SORA_OK);
    REQUIRE_RESULT(sora_transformer_create(factory, 1, 4, &transformer), SORA_OK);
    REQUIRE_RESULT(sora_log_enable(queue, SORA_LOG_SEVERITY_ERROR), SORA_OK);
  }

  bool open() const { return sora_queue_next_size(queue) >= 0; }

  bool closed() const {
    uint32_t out = 0;
    double probability = 0;
    const int32_t results[] = {
        sora_queue_next_size(queue),
        sora_video_source_create(factory, &out),
        sora_peer_get_stats(peer, 1),
        sora_track_id(video, nullptr, 0),
        sora_track_id(audio, nullptr, 0),
        sora_vad_analyze(vad, nullptr, 0, 48'000, 1, &probability),
        sora_transformer_start_short_circuiting(transformer),
    };
    return std::all_of(std::begin(results), std::end(results), [](int32_t r) { return r == SORA_ERROR_CLOSED; });
  }
};

// Runs body on a thread of its own until the thread has ended; its failed requirements fail the test.
template <typename Body>
void OnThread(Body body) {
  std::exception_ptr failed;
  std::thread([&] {
    try {
      body();
    } catch (...) {
      failed = std::current_exception();
    }
  }).join();
  if (failed) std::rethrow_exception(failed);
}

}  // namespace

TEST(realm_enter_refuses_the_key_0) { REQUIRE_RESULT(sora_realm_enter(0), SORA_ERROR_INVALID_ARGUMENT); }

TEST(realm_closes_everything_when_its_thread_ends) {
  for (int round = 0; round < 3; ++round) {
    std::vector<Opened> opened;
    OnThread([&] {
      REQUIRE_RESULT(sora_realm_enter(7), SORA_OK);
      opened.emplace_back();
      // A request that is answered while the thread ends.
      REQUIRE_RESULT(sora_peer_create_answer(opened[0].peer, 1), SORA_OK);
    });
    const int before = wakeups;
    REQUIRE(opened[0].closed());
    RequireNothingAlive();
    REQUIRE_EQ(wakeups.load(), before);
  }
}

TEST(realm_leaves_alone_what_other_threads_and_no_realm_opened) {
  uint32_t outside = 0;
  OnThread([&] { REQUIRE_RESULT(sora_queue_create(65'536, &outside), SORA_OK); });
  REQUIRE_RESULT(sora_queue_next_size(outside), 0);
  std::atomic<bool> done{false}, ready{false};
  uint32_t other = 0;
  std::thread beside([&] {
    sora_realm_enter(7);
    sora_queue_create(65'536, &other);
    ready = true;
    while (!done) std::this_thread::yield();
  });
  REQUIRE(Eventually([&] { return ready.load(); }));
  OnThread([&] {
    REQUIRE_RESULT(sora_realm_enter(7), SORA_OK);
    uint32_t own = 0;
    REQUIRE_RESULT(sora_queue_create(65'536, &own), SORA_OK);
  });
  const int32_t size = sora_queue_next_size(other);
  done = true;
  beside.join();
  REQUIRE_RESULT(size, 0);
  REQUIRE_RESULT(sora_queue_next_size(outside), 0);
  REQUIRE_RESULT(sora_queue_close(outside), SORA_OK);
}

TEST(realm_ends_when_the_next_one_begins_on_its_thread) {
  OnThread([] {
    REQUIRE_RESULT(sora_realm_enter(7), SORA_OK);
    const Opened first;
    REQUIRE_RESULT(sora_realm_enter(7), SORA_OK);  // a second copy of the package in the same one
    REQUIRE(first.open());
    REQUIRE_RESULT(sora_realm_enter(8), SORA_OK);
    REQUIRE(first.closed());
    const Opened second;
    REQUIRE(second.open());
  });
  RequireNothingAlive();
}

TEST(realm_that_was_left_ends_a_moment_later_and_its_thread_goes_on) {
  OnThread([] {
    REQUIRE_RESULT(sora_realm_enter(7), SORA_OK);
    const Opened opened;
    REQUIRE_RESULT(sora_realm_leave(8), SORA_OK);  // not this one
    REQUIRE_RESULT(sora_realm_leave(7), SORA_OK);
    REQUIRE(opened.open());  // what the program does before it ends still works
    REQUIRE(Eventually([&] { return opened.closed(); }));
  });
  RequireNothingAlive();
}
