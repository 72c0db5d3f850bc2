// A server that offers again and again: what libwebrtc keeps of each offer until the connection ends has a limit.
#include <cstdio>

#include "support.h"

namespace {

// Offers and answers, and gives the result of the first that failed, or of the answer.
Event Negotiate(Session& session, uint32_t peer, const std::string& sdp, uint32_t number) {
  const uint32_t request = 2 * number + 1;
  REQUIRE_RESULT(sora_peer_set_remote_offer(peer, Bytes(sdp), Size(sdp), request), SORA_OK);
  if (Event offered = session.queue.Result(peer, request); offered.code() != SORA_OK) return offered;
  REQUIRE_RESULT(sora_peer_create_answer(peer, request + 1), SORA_OK);
  return session.queue.Result(peer, request + 1);
}

// The offer with other values of an attribute.
std::string With(std::string sdp, const std::string& attribute, const std::string& value) {
  for (size_t at = 0; (at = sdp.find(attribute, at)) != std::string::npos;) {
    at += attribute.size();
    sdp.replace(at, sdp.find("\r\n", at) - at, value);
  }
  return sdp;
}

// The offer with one more candidate at each of its descriptions.
std::string WithCandidate(std::string sdp, const std::string& candidate) {
  constexpr std::string_view end = "a=end-of-candidates\r\n";
  for (size_t at = 0; (at = sdp.find(end, at)) != std::string::npos; at += candidate.size() + end.size())
    sdp.insert(at, candidate);
  return sdp;
}

}  // namespace

// libwebrtc gathers after the answer, so that what is offered after one restart too many is refused.
TEST(a_server_restarts_ice_64_times_at_most) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  const auto restart = [&](uint32_t number) {
    char text[32];
    std::snprintf(text, sizeof text, "%024u", number);
    const std::string offer = With(With(SoraOffer(), "a=ice-ufrag:", text + 16), "a=ice-pwd:", text);
    return Negotiate(session, peer, offer, number);
  };
  for (uint32_t number = 0; number <= 64; ++number) REQUIRE_EQ(restart(number).code(), SORA_OK);
  restart(65);
  const Event refused = Negotiate(session, peer, SoraOffer(), 66);
  REQUIRE_EQ(refused.code(), SORA_ERROR_LIMIT);
  REQUIRE_EQ(refused.text(), "the offers have restarted ICE more than 64 times");
  session.ClosePeer(peer);
}

TEST(a_server_offers_200_candidates_at_most_over_all_of_its_offers) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  constexpr uint32_t kEach = 20;
  Event last;
  uint32_t number = 0;
  for (; number < 20; ++number) {
    std::string candidates;
    for (uint32_t index = 0; index < kEach; ++index)
      candidates +=
          "a=candidate:3 1 udp 2113929471 127.0.0.1 " + std::to_string(2000 + number * kEach + index) + " typ host\r\n";
    last = Negotiate(session, peer, WithCandidate(SoraOffer(), candidates), number);
    if (last.code() != SORA_OK) break;
  }
  // The offer has some of its own.
  REQUIRE(number == 200 / kEach - 1 || number == 200 / kEach);
  REQUIRE_EQ(last.code(), SORA_ERROR_LIMIT);
  REQUIRE_EQ(last.text(), "the offers have more than 200 candidates together");
  session.ClosePeer(peer);
}
