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

TEST(peer_keeps_each_degradation_preference_over_a_re_offer) {
  Session session;
  uint32_t video = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &video), SORA_OK);
  for (const std::string preference : {"disabled", "balanced", "maintain-framerate", "maintain-resolution"}) {
    const uint32_t peer = session.CreatePeer();
    const auto parameters = [&](uint32_t request) {
      REQUIRE_RESULT(sora_peer_get_sender_parameters(peer, Bytes("video"), 5, request), SORA_OK);
      return session.queue.Result(peer, request).text();
    };
    const std::string expected = "{\"degradationPreference\":\"" + preference + "\",";
    session.SetRemoteOffer(peer, SoraOffer(), 1);
    session.AddSender(peer, video, "{\"mid\":\"video\",\"degradationPreference\":\"" + preference + "\"}", 2);
    session.Answer(peer, 3);
    REQUIRE_HAS(parameters(4), expected);
    session.SetRemoteOffer(peer, SoraOffer(), 5);
    session.Answer(peer, 6);
    REQUIRE_HAS(parameters(7), expected);
    REQUIRE_RESULT(sora_peer_get_sender_parameters(peer, Bytes("nowhere"), 7, 8), SORA_OK);
    REQUIRE_EQ(session.queue.Result(peer, 8).code(), SORA_ERROR_INVALID_STATE);
    session.ClosePeer(peer);
  }
}

namespace {

// SoraOffer with lines more in its first description of video, which the client is to send.
std::string WithVideoLines(std::string_view lines) {
  std::string offer = SoraOffer();
  constexpr std::string_view recvonly = "a=mid:video\r\na=recvonly\r\n";
  offer.insert(offer.find(recvonly) + recvonly.size(), lines);
  return offer;
}

constexpr std::string_view kSimulcast =
    "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    "a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
    "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n"
    "a=rid:r0 recv\r\na=rid:r1 recv\r\na=rid:r2 recv\r\na=simulcast:recv r0;r1;r2\r\n";

// With a line b= in each description of video.
std::string WithBandwidth(std::string offer, std::string_view line) {
  for (size_t at = 0; (at = offer.find("m=video", at)) != std::string::npos; ++at) {
    const size_t connection = offer.find("c=", at);
    offer.insert(offer.find("\r\n", connection) + 2, line);
  }
  return offer;
}

}  // namespace

TEST(peer_limits_the_encoding_to_what_the_present_offer_allows) {
  Session session;
  uint32_t video = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &video), SORA_OK);
  const uint32_t peer = session.CreatePeer();
  uint32_t request = 1;
  const auto parameters = [&] {
    REQUIRE_RESULT(sora_peer_get_sender_parameters(peer, Bytes("video"), 5, request), SORA_OK);
    return session.queue.Result(peer, request++).text();
  };
  const auto negotiate = [&](std::string_view offer) {
    session.SetRemoteOffer(peer, offer, request++);
    return session.Answer(peer, request++);
  };
  session.SetRemoteOffer(peer, WithBandwidth(SoraOffer(), "b=TIAS:2500000\r\n"), request++);
  session.AddSender(peer, video, "{\"mid\":\"video\",\"maxBitrate\":4000000}", request++);
  session.Answer(peer, request++);
  REQUIRE_HAS(parameters(), "\"maxBitrate\":2500000");
  negotiate(WithBandwidth(SoraOffer(), "b=AS:300\r\n"));
  REQUIRE_HAS(parameters(), "\"maxBitrate\":300000");
  negotiate(WithBandwidth(SoraOffer(), "b=TIAS:9000000\r\n"));
  REQUIRE_HAS(parameters(), "\"maxBitrate\":4000000");
  std::string offer = WithBandwidth(SoraOffer(), "b=TIAS:2500000\r\n");
  constexpr std::string_view profile = "profile-id=0";
  for (size_t at = 0; (at = offer.find(profile, at)) != std::string::npos;)
    offer.insert(at += profile.size(), ";x-google-max-bitrate=700");
  negotiate(offer);
  REQUIRE_HAS(parameters(), "\"maxBitrate\":700000");
  negotiate(SoraOffer());
  REQUIRE_HAS(parameters(), "\"maxBitrate\":4000000");
  session.ClosePeer(peer);
}

TEST(peer_shares_what_the_offer_allows_among_encodings) {
  Session session;
  uint32_t video = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &video), SORA_OK);
  const uint32_t peer = session.CreatePeer();
  uint32_t request = 1;
  const auto limits = [&](std::string_view offer, std::string_view encodings) {
    session.SetRemoteOffer(peer, offer, request++);
    if (request == 2) session.AddSender(peer, video, "{\"mid\":\"video\"}", request++);
    REQUIRE_RESULT(sora_peer_set_encodings(peer, Bytes(encodings), Size(encodings), request), SORA_OK);
    REQUIRE_EQ(session.queue.Result(peer, request++).text(), "");
    session.Answer(peer, request++);
    REQUIRE_RESULT(sora_peer_get_sender_parameters(peer, Bytes("video"), 5, request), SORA_OK);
    return session.queue.Result(peer, request++).text();
  };
  const std::string offer = WithVideoLines(kSimulcast);
  constexpr std::string_view asked =
      "{\"mid\":\"video\",\"encodings\":["
      "{\"rid\":\"r0\",\"scaleResolutionDownBy\":4,\"maxBitrate\":100000,\"scalabilityMode\":\"L1T1\"},"
      "{\"rid\":\"r1\",\"scaleResolutionDownBy\":2,\"maxBitrate\":300000,\"scalabilityMode\":\"L1T1\"},"
      "{\"rid\":\"r2\",\"scaleResolutionDownBy\":1,\"maxBitrate\":600000,\"scalabilityMode\":\"L1T1\"}]}";
  std::string text = limits(WithBandwidth(offer, "b=TIAS:500000\r\n"), asked);
  REQUIRE_HAS(text, "{\"maxBitrate\":50000,\"rid\":\"r0\"}");
  REQUIRE_HAS(text, "{\"maxBitrate\":150000,\"rid\":\"r1\"}");
  REQUIRE_HAS(text, "{\"maxBitrate\":300000,\"rid\":\"r2\"}");
  text = limits(WithBandwidth(offer, "b=TIAS:5000000\r\n"), asked);
  REQUIRE_HAS(text, "{\"maxBitrate\":100000,\"rid\":\"r0\"}");
  REQUIRE_HAS(text, "{\"maxBitrate\":600000,\"rid\":\"r2\"}");
  // Of 21 parts, 16 are the largest encoding's pixels.
  constexpr std::string_view sizes =
      "{\"mid\":\"video\",\"encodings\":["
      "{\"rid\":\"r0\",\"scaleResolutionDownBy\":4,\"scalabilityMode\":\"L1T1\"},"
      "{\"rid\":\"r1\",\"scaleResolutionDownBy\":2,\"scalabilityMode\":\"L1T1\"},"
      "{\"rid\":\"r2\",\"scaleResolutionDownBy\":1,\"scalabilityMode\":\"L1T1\"}]}";
  text = limits(WithBandwidth(offer, "b=TIAS:2100000\r\n"), sizes);
  REQUIRE_HAS(text, "{\"maxBitrate\":100000,\"rid\":\"r0\"}");
  REQUIRE_HAS(text, "{\"maxBitrate\":400000,\"rid\":\"r1\"}");
  REQUIRE_HAS(text, "{\"maxBitrate\":1600000,\"rid\":\"r2\"}");
  session.ClosePeer(peer);
}

TEST(peer_encodings_are_checked_and_kept) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  uint32_t video = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &video), SORA_OK);
  const std::string offer = WithVideoLines(kSimulcast);
  session.SetRemoteOffer(peer, offer, 1);
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
