// Factories: nothing is left of them, however many are made and closed.
#include <dirent.h>

#include "../harness/thread_limit.h"
#include "support.h"

namespace {

size_t Entries(const char* folder) {
  size_t count = 0;
  DIR* dir = opendir(folder);
  REQUIRE(dir != nullptr);
  while (const dirent* entry = readdir(dir)) count += entry->d_name[0] != '.';
  closedir(dir);
  return count;
}

size_t Threads() { return Entries("/proc/self/task"); }
size_t Files() { return Entries("/proc/self/fd"); }

}  // namespace

TEST(factory_checks_its_arguments) {
  const Queue queue;
  uint32_t factory = 0;
  REQUIRE_RESULT(sora_factory_create(queue.handle(), nullptr, 0, nullptr), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_factory_create(queue.handle(), nullptr, 2, &factory), SORA_ERROR_INVALID_ARGUMENT);
  for (const std::string_view options : {"[]", "{", "x", "null", "\xff"})
    REQUIRE_RESULT(sora_factory_create(queue.handle(), Bytes(options), Size(options), &factory),
                   SORA_ERROR_INVALID_ARGUMENT);
  constexpr std::string_view unknown = "{\"turbo\":true}";
  REQUIRE_RESULT(sora_factory_create(queue.handle(), Bytes(unknown), Size(unknown), &factory), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_HAS(LastError(), "options.turbo");
  constexpr std::string_view wrong = "{\"raiseThreads\":1}";
  REQUIRE_RESULT(sora_factory_create(queue.handle(), Bytes(wrong), Size(wrong), &factory), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_HAS(LastError(), "raiseThreads");
  REQUIRE_EQ(factory, 0u);
}

TEST(factory_says_that_no_thread_can_be_started) {
  const test::ThreadLimit limit;
  if (!test::LimitThreads(-1)) return;
  Session warm;  // starts what libwebrtc starts once and keeps
  warm.Close();
  const Queue queue;
  constexpr size_t kOwn = 2;
  // One that ends the runtime, and libwebrtc's network and signaling threads.
  for (int allowed = 0; allowed < 3; ++allowed) {
    REQUIRE(Eventually([] { return Threads() == kOwn; }));
    uint32_t factory = 0;
    test::LimitThreads(allowed);
    const int32_t result = sora_factory_create(queue.handle(), nullptr, 0, &factory);
    test::LimitThreads(-1);
    REQUIRE_RESULT(result, SORA_ERROR_LIMIT);
    REQUIRE_HAS(LastError(), "thread");
    REQUIRE_EQ(factory, 0u);
  }
  REQUIRE(Eventually([] { return Threads() == kOwn; }));
}

TEST(factory_close_reports_when_its_threads_are_gone) {
  Session session;
  REQUIRE_RESULT(sora_factory_close(session.factory), SORA_OK);
  REQUIRE_RESULT(sora_factory_close(session.factory), SORA_ERROR_CLOSED);
  const Event closed = session.queue.Take(SORA_EVENT_CLOSED, session.factory);
  REQUIRE_EQ(closed.payload, "");
  uint32_t out = 0;
  REQUIRE_RESULT(sora_peer_create(session.factory, Bytes("{}"), 2, &out), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_video_source_create(session.factory, &out), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_audio_source_create(session.factory, 48'000, 2, &out), SORA_ERROR_CLOSED);
}

TEST(factory_close_closes_its_children) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  uint32_t audio = 0, video = 0;
  REQUIRE_RESULT(sora_audio_source_create(session.factory, 48'000, 2, &audio), SORA_OK);
  REQUIRE_RESULT(sora_video_source_create(session.factory, &video), SORA_OK);
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  session.Close();
  session.queue.Take(SORA_EVENT_CLOSED, peer);
  REQUIRE_RESULT(sora_peer_get_stats(peer, 2), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_audio_source_close(audio), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_video_source_close(video), SORA_ERROR_CLOSED);
}

TEST(factory_of_a_sink_that_is_left_open_closes_all_the_same) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  uint32_t sinks[2] = {};
  for (int i = 0; i < 2; ++i) {
    const Event track = session.queue.Take(SORA_EVENT_TRACK, peer);
    if (track.payload.find("\"video\"") != std::string::npos) {
      REQUIRE_RESULT(sora_video_sink_create(track.argument, 2, &sinks[1]), SORA_OK);
    } else {
      REQUIRE_RESULT(sora_audio_sink_create(track.argument, 0, 0, 100, &sinks[0]), SORA_OK);
    }
  }
  session.Close();
  for (const uint32_t sink : sinks) session.queue.Take(SORA_EVENT_ENDED, sink);
  double info[SORA_VIDEO_INFO_COUNT] = {};
  int16_t sample = 0;
  REQUIRE_RESULT(sora_audio_sink_read(sinks[0], &sample, 1, 1, 1, info), SORA_ERROR_WOULD_BLOCK);
  REQUIRE_RESULT(sora_video_sink_take(sinks[1], info), SORA_ERROR_WOULD_BLOCK);
  REQUIRE_RESULT(sora_audio_sink_close(sinks[0]), SORA_OK);
  REQUIRE_RESULT(sora_video_sink_close(sinks[1]), SORA_OK);
}

TEST(factory_leaves_no_object_thread_or_file_behind) {
  {
    Session().Close();
  }  // makes what is made once per process
  RequireNothingAlive();
  // The threads of the test program are its own and its watchdog.
  constexpr size_t kOwn = 2;
  REQUIRE(Eventually([] { return Threads() == kOwn; }));
  const size_t files = Files();
  for (int i = 0; i < 20; ++i) {
    Session session;
    const uint32_t peer = session.CreatePeer();
    session.SetRemoteOffer(peer, SoraOffer(), 1);
    REQUIRE_RESULT(sora_peer_create_answer(peer, 2), SORA_OK);
    REQUIRE_EQ(session.queue.Result(peer, 2).code(), SORA_OK);
    REQUIRE(Threads() > kOwn);
    if (i % 2) session.ClosePeer(peer);
    session.Close();
  }
  RequireNothingAlive();
  Eventually([&] { return Threads() == kOwn && Files() == files; });
  REQUIRE_EQ(Threads(), kOwn);
  REQUIRE_EQ(Files(), files);
}
