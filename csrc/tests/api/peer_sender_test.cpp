// Senders and their encodings: what fits a media description and what does not.
#include <utility>

#include "support.h"

TEST(peer_refuses_senders_where_they_do_not_fit) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  uint32_t audio = 0;
  REQUIRE_RESULT(sora_audio_source_create(session.factory, 48'000, 2, &audio), SORA_OK);
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  const auto add = [&](std::string_view options, uint32_t request) {
    REQUIRE_RESULT(sora_peer_add_sender(peer, audio, Bytes(options), Size(options), request), SORA_OK);
    return session.queue.Result(peer, request);
  };
  Event done = add("{\"mid\":\"nowhere\"}", 2);
  REQUIRE_EQ(done.code(), SORA_ERROR_INVALID_STATE);
  REQUIRE_HAS(done.text(), "nowhere");
  done = add("{\"mid\":\"video\"}", 3);
  REQUIRE_EQ(done.code(), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_HAS(done.text(), "video");
  constexpr std::string_view wrong = "{\"mid\":\"audio\",\"degradationPreference\":\"best\"}";
  REQUIRE_RESULT(sora_peer_add_sender(peer, audio, Bytes(wrong), Size(wrong), 4), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_HAS(LastError(), "degradationPreference");

  // A source of another factory lives on other threads.
  Session other;
  uint32_t foreign = 0;
  REQUIRE_RESULT(sora_audio_source_create(other.factory, 48'000, 2, &foreign), SORA_OK);
  constexpr std::string_view options = "{\"mid\":\"audio\"}";
  REQUIRE_RESULT(sora_peer_add_sender(peer, foreign, Bytes(options), Size(options), 5), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_HAS(LastError(), "factory");
  session.ClosePeer(peer);
}

TEST(peer_encodings_are_checked_and_kept) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  uint32_t video = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &video), SORA_OK);
  session.SetRemoteOffer(peer, SimulcastOffer(), 1);
  session.AddSender(peer, video, "{\"mid\":\"video\",\"streamId\":\"mine\"}", 2);
  constexpr std::string_view encodings =
      "{\"mid\":\"video\",\"encodings\":["
      "{\"rid\":\"r0\",\"scaleResolutionDownBy\":4,\"maxBitrate\":100000,\"scalabilityMode\":\"L1T1\"},"
      "{\"rid\":\"r1\",\"active\":false,\"scaleResolutionDownBy\":2,\"maxFramerate\":15,\"scalabilityMode\":\"L1T1\"},"
      "{\"rid\":\"r2\",\"scaleResolutionDownTo\":{\"maxWidth\":640,\"maxHeight\":360},\"scalabilityMode\":\"L1T1\"}]}";
  REQUIRE_RESULT(sora_peer_set_encodings(peer, Bytes(encodings), Size(encodings), 3), SORA_OK);
  const Event done = session.queue.Result(peer, 3);
  REQUIRE_EQ(done.text(), "");
  REQUIRE_HAS(MediaOf(session.Answer(peer, 4), "video"), "a=simulcast:send r0;");
  const std::pair<std::string_view, std::string_view> wrong[] = {
      {"{\"mid\":\"video\"}", "encodings"},
      {"{\"mid\":\"video\",\"encodings\":[]}", "encodings"},
      {"{\"mid\":\"video\",\"encodings\":[{}]}", "encodings[0].rid"},
      {"{\"mid\":\"video\",\"encodings\":[{\"rid\":\"r0\",\"maxBitrate\":-1}]}", "encodings[0].maxBitrate"},
      {"{\"mid\":\"video\",\"encodings\":[{\"rid\":\"r0\",\"scaleResolutionDownTo\":{\"maxWidth\":1}}]}",
       "encodings[0].scaleResolutionDownTo"},
  };
  for (const auto& [text, path] : wrong) {
    REQUIRE_RESULT(sora_peer_set_encodings(peer, Bytes(text), Size(text), 5), SORA_ERROR_INVALID_ARGUMENT);
    REQUIRE_HAS(LastError(), path);
  }
  session.ClosePeer(peer);
}
