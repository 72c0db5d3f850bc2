// A peer that is offered a session as Sora offers it: answers, tracks, candidates, statistics.
#include <algorithm>
#include <set>

#include "support.h"

namespace {

// Whether brackets and quotes are balanced: a JSON text that was cut or escaped wrongly fails.
bool LooksLikeJson(std::string_view text) {
  std::string open;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      open.push_back(c);
    } else if (c == ']' || c == '}') {
      if (open.empty() || open.back() != (c == ']' ? '[' : '{')) return false;
      open.pop_back();
      if (open.empty() && i + 1 != text.size()) return false;
    }
  }
  return open.empty() && !in_string && !text.empty();
}

}  // namespace

TEST(peer_configuration_is_checked_with_the_path_and_without_values) {
  Session session;
  const std::pair<std::string_view, std::string_view> wrong[] = {
      {"", "configuration"},
      {"[1]", "configuration"},
      {"{\"iceServers\":{}}", "iceServers"},
      {"{\"iceServers\":[{\"urls\":[\"stun:a\"]},5]}", "iceServers[1]"},
      {"{\"iceServers\":[{\"urls\":\"stun:a\"}]}", "iceServers[0].urls"},
      {"{\"iceServers\":[{\"urls\":[\"turn:a\"],\"username\":\"hunter2\",\"credential\":[\"hunter2\"]}]}",
       "iceServers[0].credential"},
      {"{\"iceServers\":[{\"urls\":[\"turn:a\"],\"username\":{\"hunter2\":1}}]}", "iceServers[0].username"},
      {"{\"iceTransportPolicy\":\"hunter2\"}", "iceTransportPolicy"},
  };
  for (const auto& [configuration, path] : wrong) {
    uint32_t peer = 0;
    REQUIRE_RESULT(sora_peer_create(session.factory, Bytes(configuration), Size(configuration), &peer),
                   SORA_ERROR_INVALID_ARGUMENT);
    REQUIRE_HAS(LastError(), path);
    REQUIRE_HAS_NOT(LastError(), "hunter2");
    REQUIRE_EQ(peer, 0u);
  }
  const std::string deep(1 << 20, '[');
  uint32_t peer = 0;
  REQUIRE_RESULT(sora_peer_create(session.factory, Bytes(deep), Size(deep), &peer), SORA_ERROR_INVALID_ARGUMENT);
}

TEST(peer_configuration_that_libwebrtc_refuses_fails_the_requests) {
  Session session;
  const uint32_t peer = session.CreatePeer(
      "{\"iceServers\":[{\"urls\":[\"turn:127.0.0.1:bad\"],\"username\":\"u\",\"credential\":\"hunter2\"}]}");
  REQUIRE_RESULT(sora_peer_get_stats(peer, 3), SORA_OK);
  const Event done = session.queue.Result(peer, 3);
  REQUIRE(done.code() != SORA_OK);
  REQUIRE_HAS(done.text(), "configuration");
  REQUIRE_HAS_NOT(done.text(), "hunter2");
  session.ClosePeer(peer);
}

TEST(peer_refuses_sdp_that_cannot_be_parsed_without_telling_secrets) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  std::string no_fingerprint = SoraOffer();
  const size_t at = no_fingerprint.find("a=ice-pwd:");
  no_fingerprint.replace(at, 10, "a=ice-pwd hunter2:");
  uint32_t request = 0;
  for (const std::string& sdp : {std::string(), std::string("hello"), std::string("v=0\r\n"), no_fingerprint,
                                 SoraOffer().substr(0, 300), std::string(4096, '\0'), std::string(4096, '\xff')}) {
    REQUIRE_RESULT(sora_peer_set_remote_offer(peer, Bytes(sdp), Size(sdp), ++request), SORA_OK);
    const Event done = session.queue.Result(peer, request);
    REQUIRE_EQ(done.code(), SORA_ERROR_INVALID_ARGUMENT);
    REQUIRE(!done.text().empty());
    REQUIRE_HAS_NOT(done.text(), "hunter2");
    REQUIRE_HAS_NOT(done.text(), "sorapassword");
  }
  // A good one is still accepted.
  session.SetRemoteOffer(peer, SoraOffer(), ++request);
  session.ClosePeer(peer);
}

TEST(peer_answers_only_what_was_offered) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  REQUIRE_RESULT(sora_peer_create_answer(peer, 1), SORA_OK);
  REQUIRE_EQ(session.queue.Result(peer, 1).code(), SORA_ERROR_INVALID_STATE);
  session.SetRemoteOffer(peer, SoraOffer(), 2);
  session.Answer(peer, 3);
  REQUIRE_RESULT(sora_peer_create_answer(peer, 4), SORA_OK);
  REQUIRE_EQ(session.queue.Result(peer, 4).code(), SORA_ERROR_INVALID_STATE);
  session.ClosePeer(peer);
}

TEST(peer_answers_with_the_codecs_and_directions_that_were_asked_for) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  uint32_t audio = 0, video = 0;
  REQUIRE_RESULT(sora_audio_source_create(session.factory, 48'000, 2, &audio), SORA_OK);
  REQUIRE_RESULT(sora_video_source_create(session.factory, &video), SORA_OK);
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  session.AddSender(peer, audio, "{\"mid\":\"audio\",\"streamId\":\"mine\"}", 2);
  session.AddSender(peer, video, "{\"mid\":\"video\",\"streamId\":\"mine\",\"degradationPreference\":\"balanced\"}", 3);
  const std::string sdp = session.Answer(peer, 4);
  REQUIRE_HAS(sdp, "a=group:BUNDLE audio video audio_r video_r data\r\n");
  for (const char* mid : {"audio", "video", "audio_r", "video_r", "data"})
    REQUIRE_HAS(MediaOf(sdp, mid), "a=setup:active\r\n");
  for (const char* mid : {"audio", "audio_r"}) {
    REQUIRE_HAS(MediaOf(sdp, mid), "m=audio 9 UDP/TLS/RTP/SAVPF 109\r\n");
    REQUIRE_HAS(MediaOf(sdp, mid), "a=rtpmap:109 opus/48000/2\r\n");
  }
  for (const char* mid : {"video", "video_r"}) {
    REQUIRE_HAS(MediaOf(sdp, mid), "m=video 9 UDP/TLS/RTP/SAVPF 120 121\r\n");
    REQUIRE_HAS(MediaOf(sdp, mid), "a=rtpmap:120 VP9/90000\r\n");
    REQUIRE_HAS(MediaOf(sdp, mid), "a=rtpmap:121 rtx/90000\r\n");
  }
  for (const char* mid : {"audio", "video"}) {
    REQUIRE_HAS(MediaOf(sdp, mid), "a=sendonly\r\n");
    REQUIRE_HAS(MediaOf(sdp, mid), "a=msid:mine ");
    REQUIRE_HAS(MediaOf(sdp, mid), "a=ssrc:");
  }
  for (const char* mid : {"audio_r", "video_r"}) REQUIRE_HAS(MediaOf(sdp, mid), "a=recvonly\r\n");
  REQUIRE_HAS(MediaOf(sdp, "data"), "a=sctp-port:5000\r\n");
  session.ClosePeer(peer);
}

TEST(peer_answers_codecs_that_it_lacks_with_inactive_sections) {
  Session session;
  uint32_t source = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &source), SORA_OK);
  // All the video, or only what is to be sent: then the payload type is taken by what is received.
  for (const bool all : {true, false}) {
    const uint32_t peer = session.CreatePeer();
    std::string offer = SoraOffer();
    for (size_t at; (at = offer.find("VP9/90000")) != std::string::npos;) {
      offer.replace(at, 9, "XYZ/90000");
      if (!all) break;
    }
    session.SetRemoteOffer(peer, offer, 1);
    constexpr std::string_view options = "{\"mid\":\"video\"}";
    REQUIRE_RESULT(sora_peer_add_sender(peer, source, Bytes(options), Size(options), 2), SORA_OK);
    const Event refused = session.queue.Result(peer, 2);
    REQUIRE_EQ(refused.code(), SORA_ERROR_UNSUPPORTED);
    REQUIRE_EQ(refused.text(), "no engine encodes the codecs that mid \"video\" is offered in");
    const std::string sdp = session.Answer(peer, 3);
    REQUIRE_HAS(sdp, "a=group:BUNDLE audio video audio_r video_r data\r\n");
    REQUIRE_HAS(MediaOf(sdp, "video"), "a=inactive\r\n");
    REQUIRE_HAS(MediaOf(sdp, "video_r"), all ? "a=inactive\r\n" : "a=recvonly\r\n");
    // What was offered, not what replaced it.
    REQUIRE_HAS(MediaOf(sdp, "video"), "m=video 9 UDP/TLS/RTP/SAVPF 120 121\r\n");
    REQUIRE_HAS(MediaOf(sdp, "video"), "a=rtpmap:120 XYZ/90000\r\n");
    REQUIRE_HAS(MediaOf(sdp, "video_r"), all ? "a=rtpmap:120 XYZ/90000\r\n" : "a=rtpmap:120 VP9/90000\r\n");
    // It is reported, once for each stream.
    const auto reports = [&] {
      int count = 0;
      for (const Event& event : session.queue.TakeAll()) {
        if (event.type != SORA_EVENT_TRACK || event.argument != 0) continue;
        REQUIRE_HAS(event.payload, "\"streamId\":\"remote\"");
        REQUIRE_HAS(event.payload, "\"undecodable\":{\"codecs\":[{\"name\":\"XYZ\",\"parameters\":\"profile-id=0\"}],");
        REQUIRE_HAS(event.payload, "\"advice\":\"this version of the library has no decoder for it\"}");
        ++count;
      }
      return count;
    };
    REQUIRE_EQ(reports(), all ? 1 : 0);
    offer.replace(offer.find(" 1 IN IP4"), 9, " 2 IN IP4");
    session.SetRemoteOffer(peer, offer, 4);
    session.Answer(peer, 5);
    REQUIRE_EQ(reports(), 0);
    session.ClosePeer(peer);
  }
}

TEST(peer_receives_video_that_it_cannot_decode_and_answers_as_it_was_offered) {
  Session session;
  // A common one, one of a profile that no engine lists, both together, and none for another codec.
  const std::pair<const char*, const char*> codecs[] = {
      {"H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
      {"H264/90000", "packetization-mode=0;profile-level-id=640c1f"},
      {"H265/90000", "level-id=93;profile-id=2;tier-flag=1;tx-mode=SRST"},
      {"AV1/90000", "level-idx=5;profile=2;tier=0"},
  };
  for (const auto& [name, parameters] : codecs) {
    const uint32_t peer = session.CreatePeer();
    std::string offer = SoraOffer();
    // In a BUNDLE group a payload type must not stand for two codecs.
    const size_t section = offer.rfind("m=video");
    const auto replace = [&](std::string_view from, std::string_view to) {
      for (size_t at = section; (at = offer.find(from, at)) != std::string::npos; at += to.size())
        offer.replace(at, from.size(), to);
    };
    replace(" 120 121\r\n", " 102 103\r\n");
    replace(":120 ", ":102 ");
    replace(":121 ", ":103 ");
    replace("apt=120", "apt=102");
    replace("VP9/90000", name);
    replace("profile-id=0", parameters);
    session.SetRemoteOffer(peer, offer, 1);
    Event video;
    do {
      video = session.queue.Take(SORA_EVENT_TRACK, peer);
    } while (video.payload.find("\"video\"") == std::string::npos);
    REQUIRE(video.argument != 0);
    REQUIRE_HAS(video.payload, std::string("\"parameters\":\"") + parameters + "\"");
    const std::string sdp = session.Answer(peer, 2);
    REQUIRE_HAS(MediaOf(sdp, "video"), "a=rtpmap:120 VP9/90000\r\n");
    REQUIRE_HAS(MediaOf(sdp, "video_r"), "m=video 9 UDP/TLS/RTP/SAVPF 102 103\r\n");
    REQUIRE_HAS(MediaOf(sdp, "video_r"), std::string("a=rtpmap:102 ") + name + "\r\n");
    REQUIRE_HAS(MediaOf(sdp, "video_r"), std::string("a=fmtp:102 ") + parameters + "\r\n");
    REQUIRE_HAS(MediaOf(sdp, "video_r"), "a=fmtp:103 apt=102\r\n");
    REQUIRE_HAS(MediaOf(sdp, "video_r"), "a=recvonly\r\n");
    session.ClosePeer(peer);
  }
}

TEST(peer_does_not_answer_with_codecs_that_it_receives_without_decoding_them) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  std::string offer = SoraOffer();
  constexpr std::string_view line = "m=video 9 UDP/TLS/RTP/SAVPF 120 121\r\n", first = "a=rtpmap:120 VP9/90000\r\n";
  offer.replace(offer.rfind(line), line.size(), "m=video 9 UDP/TLS/RTP/SAVPF 97 98 120 121\r\n");
  offer.insert(offer.rfind(first),
               "a=rtpmap:97 H264/90000\r\na=fmtp:97 packetization-mode=1;profile-level-id=42e01f\r\n"
               "a=rtpmap:98 rtx/90000\r\na=fmtp:98 apt=97\r\n");
  session.SetRemoteOffer(peer, offer, 1);
  for (const Event& event : session.queue.TakeAll()) REQUIRE_HAS_NOT(event.payload, "undecodable");
  REQUIRE_HAS(MediaOf(session.Answer(peer, 2), "video_r"), line);
  session.ClosePeer(peer);
}

TEST(peer_answers_an_offer_of_several_codecs_in_its_order) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  std::string offer = SoraOffer();
  constexpr std::string_view line = "m=video 9 UDP/TLS/RTP/SAVPF 120 121\r\n", first = "a=rtpmap:120 VP9/90000\r\n";
  for (size_t at = 0; (at = offer.find(line, at)) != std::string::npos; at += line.size())
    offer.replace(at, line.size(), "m=video 9 UDP/TLS/RTP/SAVPF 97 120 121 96\r\n");
  for (size_t at = 0; (at = offer.find(first, at)) != std::string::npos;) {
    const std::string more = "a=rtpmap:97 XYZ/90000\r\na=rtpmap:96 VP8/90000\r\n";
    offer.insert(at, more);
    at += more.size() + first.size();
  }
  session.SetRemoteOffer(peer, offer, 1);
  const std::string sdp = session.Answer(peer, 2);
  for (const char* mid : {"video", "video_r"}) {
    REQUIRE_HAS(MediaOf(sdp, mid), "m=video 9 UDP/TLS/RTP/SAVPF 120 121 96\r\n");
    REQUIRE_HAS_NOT(MediaOf(sdp, mid), "XYZ");
  }
  session.ClosePeer(peer);
}

TEST(peer_reports_remote_tracks_with_their_stream) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  std::set<std::string> kinds;
  for (const Event& event : session.queue.TakeAll()) {
    if (event.type != SORA_EVENT_TRACK) continue;
    REQUIRE_EQ(event.handle, peer);
    REQUIRE(event.argument != 0);
    REQUIRE_HAS(event.payload, "\"streamId\":\"remote\"");
    const bool audio = event.payload.find("\"kind\":\"audio\"") != std::string::npos;
    REQUIRE_HAS(event.payload, audio ? "\"id\":\"remote-audio\"" : "\"id\":\"remote-video\"");
    REQUIRE_HAS(event.payload, audio ? "\"mid\":\"audio_r\"" : "\"mid\":\"video_r\"");
    kinds.insert(audio ? "audio" : "video");
    // Only a sink of its own kind fits.
    uint32_t sink = 0;
    REQUIRE_RESULT(sora_audio_sink_create(event.argument, 0, 0, 100, &sink), audio ? 0 : SORA_ERROR_INVALID_ARGUMENT);
    REQUIRE_RESULT(sora_video_sink_create(event.argument, 1, &sink), audio ? SORA_ERROR_INVALID_ARGUMENT : 0);
    REQUIRE_RESULT(audio ? sora_audio_sink_close(sink) : sora_video_sink_close(sink), SORA_OK);
    REQUIRE_RESULT(sora_track_set_enabled(event.argument, 2), SORA_ERROR_INVALID_ARGUMENT);
    REQUIRE_RESULT(sora_track_set_enabled(event.argument, 0), SORA_OK);
  }
  REQUIRE_EQ(kinds.size(), 2u);
  session.ClosePeer(peer);
}

TEST(peer_reports_a_track_that_a_new_offer_takes_away) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  session.Answer(peer, 2);
  Event video;
  do {
    video = session.queue.Take(SORA_EVENT_TRACK, peer);
  } while (video.payload.find("\"video\"") == std::string::npos);
  uint32_t sink = 0;
  REQUIRE_RESULT(sora_video_sink_create(video.argument, 4, &sink), SORA_OK);
  std::string offer = SoraOffer();
  const std::string sendonly = "a=mid:video_r\r\na=sendonly\r\n";
  offer.replace(offer.find(sendonly), sendonly.size(), "a=mid:video_r\r\na=inactive\r\n");
  offer.replace(offer.find(" 1 IN IP4"), 9, " 2 IN IP4");
  session.SetRemoteOffer(peer, offer, 3);
  REQUIRE_EQ(session.queue.Take(SORA_EVENT_TRACK_REMOVED, peer).argument, video.argument);
  session.queue.Take(SORA_EVENT_ENDED, sink);
  uint32_t late = 0;
  REQUIRE_RESULT(sora_video_sink_create(video.argument, 4, &late), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_track_release(video.argument), SORA_OK);
  REQUIRE_RESULT(sora_track_release(video.argument), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_video_sink_close(sink), SORA_OK);
  session.ClosePeer(peer);
}

TEST(peer_trickles_candidates_of_the_loopback_interface) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  session.Answer(peer, 2);
  const Event candidate = session.queue.Take(
      [&](const Event& e) { return e.type == SORA_EVENT_ICE_CANDIDATE && e.payload.find(" 127.0.0.1 ") != e.payload.npos; },
      "a candidate with 127.0.0.1");
  REQUIRE_EQ(candidate.handle, peer);
  REQUIRE_HAS(candidate.payload, "\"candidate\":\"candidate:");
  REQUIRE_HAS(candidate.payload, "\"sdpMid\":\"audio\"");
  REQUIRE_HAS(candidate.payload, "\"sdpMLineIndex\":0");
  session.ClosePeer(peer);
}

TEST(peer_statistics_are_a_json_array) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  session.Answer(peer, 2);
  REQUIRE_RESULT(sora_peer_get_stats(peer, 3), SORA_OK);
  const Event done = session.queue.Result(peer, 3);
  REQUIRE_EQ(done.code(), SORA_OK);
  const std::string text = done.text();
  REQUIRE(LooksLikeJson(text));
  REQUIRE_EQ(text.substr(0, 2), "[{");
  REQUIRE_HAS(text, "\"type\":\"peer-connection\"");
  REQUIRE_HAS(text, "\"type\":\"certificate\"");
  REQUIRE(!LooksLikeJson(std::string_view(text).substr(0, text.size() / 2)));
  session.ClosePeer(peer);
}
