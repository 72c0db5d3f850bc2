// The end of a peer: pending requests fail, then SORA_EVENT_CLOSED comes, then nothing.
#include <map>

#include "support.h"

TEST(peer_close_refuses_what_comes_after_it) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  const Event track = session.queue.Take(SORA_EVENT_TRACK, peer);
  session.ClosePeer(peer);
  REQUIRE_RESULT(sora_peer_close(peer), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_peer_set_remote_offer(peer, Bytes("v=0"), 3, 2), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_peer_add_sender(peer, 0, Bytes("{}"), 2, 2), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_peer_set_encodings(peer, Bytes("{}"), 2, 2), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_peer_create_answer(peer, 2), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_peer_get_stats(peer, 2), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_track_set_enabled(track.argument, 1), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_track_release(track.argument), SORA_ERROR_CLOSED);
}

TEST(peer_close_fails_pending_requests_and_is_the_last_word) {
  Session session;
  constexpr uint32_t kRequests = 200;
  // Whether a request is still pending when the peer is closed is up to the threads; with this many, some are.
  bool failed = false;
  for (int attempt = 0; attempt < 10 && !failed; ++attempt) {
    const uint32_t peer = session.CreatePeer();
    session.SetRemoteOffer(peer, SoraOffer(), 1000);
    REQUIRE_RESULT(sora_peer_create_answer(peer, 0), SORA_OK);
    for (uint32_t i = 1; i < kRequests; ++i) REQUIRE_RESULT(sora_peer_get_stats(peer, i), SORA_OK);
    REQUIRE_RESULT(sora_peer_close(peer), SORA_OK);
    std::map<uint32_t, int32_t> results;
    session.queue.Take(SORA_EVENT_CLOSED, peer);
    for (const Event& event : session.queue.TakeAll()) {
      if (event.handle != peer || event.type != SORA_EVENT_REQUEST_DONE) continue;
      REQUIRE(results.emplace(event.argument, event.code()).second);
    }
    REQUIRE_EQ(results.size(), kRequests);
    for (const auto& [request, code] : results) {
      REQUIRE(code == SORA_OK || code == SORA_ERROR_CLOSED);
      failed |= code == SORA_ERROR_CLOSED;
    }
  }
  REQUIRE(failed);
}

TEST(peer_close_is_followed_by_nothing) {
  Session session;
  for (int round = 0; round < 10; ++round) {
    const uint32_t peer = session.CreatePeer();
    session.SetRemoteOffer(peer, SoraOffer(), 1);
    uint32_t sink = 0;
    for (int i = 0; i < 2; ++i) {
      const Event track = session.queue.Take(SORA_EVENT_TRACK, peer);
      if (track.payload.find("\"audio\"") != std::string::npos)
        REQUIRE_RESULT(sora_audio_sink_create(track.argument, 16'000, 1, 100, &sink), SORA_OK);
    }
    REQUIRE_RESULT(sora_peer_create_answer(peer, 2), SORA_OK);
    REQUIRE_RESULT(sora_peer_get_stats(peer, 3), SORA_OK);
    if (round % 2) session.queue.Result(peer, 2);
    REQUIRE_RESULT(sora_peer_close(peer), SORA_OK);
    // The next peer uses the same threads, so anything left of the last one would have come before.
    const uint32_t next = session.CreatePeer();
    session.SetRemoteOffer(next, SoraOffer(), 1);
    session.ClosePeer(next);
    bool closed = false;
    for (const Event& event : session.queue.TakeAll()) {
      if (event.handle != peer && event.handle != sink) continue;
      REQUIRE(!closed);
      closed = event.type == SORA_EVENT_CLOSED;
    }
    REQUIRE(closed);
    REQUIRE_RESULT(sora_audio_sink_close(sink), SORA_OK);
  }
}
