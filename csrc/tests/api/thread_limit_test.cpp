// When the system starts no more threads, calls that need one fail with a reason, and everything else continues.
#include "../harness/thread_limit.h"
#include "support.h"

namespace {

// How far a connection gets with so many threads.
enum class Reached { kNothing, kFactory, kAnswer };

Reached Connect(int threads) {
  const test::ThreadLimit limit;
  test::LimitThreads(threads);
  Queue queue;
  uint32_t factory = 0;
  const int32_t made = sora_factory_create(queue.handle(), nullptr, 0, &factory);
  if (made != SORA_OK) {
    REQUIRE_RESULT(made, SORA_ERROR_LIMIT);
    REQUIRE_HAS(LastError(), "RLIMIT_NPROC");
    return Reached::kNothing;
  }
  uint32_t video = 0, peer = 0;
  REQUIRE_RESULT(sora_video_source_create(factory, &video), SORA_OK);
  const int32_t checked = sora_factory_check_threads(factory);
  if (checked != SORA_OK) REQUIRE_RESULT(checked, SORA_ERROR_LIMIT);
  REQUIRE_RESULT(sora_peer_create(factory, Bytes("{}"), 2, &peer), SORA_OK);
  const std::string sdp = SoraOffer();
  REQUIRE_RESULT(sora_peer_set_remote_offer(peer, Bytes(sdp), Size(sdp), 1), SORA_OK);
  const Event offered = queue.Result(peer, 1);
  if (offered.code() == SORA_OK) {
    constexpr std::string_view options = "{\"mid\":\"video\"}";
    REQUIRE_RESULT(sora_peer_add_sender(peer, video, Bytes(options), Size(options), 2), SORA_OK);
    REQUIRE_EQ(queue.Result(peer, 2).text(), "");
    REQUIRE_RESULT(sora_peer_create_answer(peer, 3), SORA_OK);
    REQUIRE_EQ(queue.Result(peer, 3).code(), SORA_OK);
  } else {
    REQUIRE_EQ(checked, SORA_ERROR_LIMIT);
    REQUIRE_EQ(offered.code(), SORA_ERROR_LIMIT);
    REQUIRE_HAS(offered.text(), "RLIMIT_NPROC");
  }
  REQUIRE_RESULT(sora_factory_close(factory), SORA_OK);
  queue.Take(SORA_EVENT_CLOSED, factory);
  return offered.code() == SORA_OK ? Reached::kAnswer : Reached::kFactory;
}

}  // namespace

TEST(threads_that_are_not_to_be_had_are_a_limit_and_not_the_end_of_the_process) {
  if (!test::LimitThreads(-1)) return;
  bool seen[3] = {};
  int threads = 0;
  for (; !seen[static_cast<int>(Reached::kAnswer)]; ++threads) {
    REQUIRE(threads < 64);
    seen[static_cast<int>(Connect(threads))] = true;
    REQUIRE(Eventually([] { return sora_live_objects() == 0; }));
  }
  REQUIRE(seen[0] && seen[1] && seen[2]);
  // Neither with just enough threads, nor with more.
  for (int more = 0; more < 4; ++more) REQUIRE(Connect(threads + more) == Reached::kAnswer);
}

TEST(threads_that_could_be_started_count_for_half_a_second) {
  const test::ThreadLimit limit;
  if (!test::LimitThreads(-1)) return;
  Session session;
  // Again where half a second passes in between.
  REQUIRE(Eventually([&] {
    test::LimitThreads(-1);
    REQUIRE_RESULT(sora_factory_check_threads(session.factory), SORA_OK);
    test::LimitThreads(0);
    return sora_factory_check_threads(session.factory) == SORA_OK;
  }));
  REQUIRE(Eventually([&] { return sora_factory_check_threads(session.factory) == SORA_ERROR_LIMIT; }));
  REQUIRE_RESULT(sora_factory_check_threads(session.factory), SORA_ERROR_LIMIT);
  test::LimitThreads(-1);
  REQUIRE_RESULT(sora_factory_check_threads(session.factory), SORA_OK);
  session.Close();
}

TEST(threads_that_are_not_to_be_had_later_leave_a_connection_as_it_is) {
  const test::ThreadLimit limit;
  Session session;
  const uint32_t peer = session.CreatePeer();
  uint32_t video = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &video), SORA_OK);
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  test::LimitThreads(0);
  session.AddSender(peer, video, "{\"mid\":\"video\"}", 2);
  session.Answer(peer, 3);
  session.SetRemoteOffer(peer, SoraOffer(), 4);
  session.Answer(peer, 5);
  session.ClosePeer(peer);
  session.Close();
}
