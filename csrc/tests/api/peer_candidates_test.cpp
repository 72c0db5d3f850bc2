// The local candidates of a peer, which follow from what is offered.
#include "support.h"

namespace {

void Offer(Session& session, uint32_t peer, const std::string& offer) {
  session.SetRemoteOffer(peer, offer, 1);
  session.Answer(peer, 2);
}

}  // namespace

TEST(peer_listens_for_tcp_only_when_candidates_for_tcp_are_offered) {
  Session session;
  constexpr std::string_view candidate =
      "a=candidate:2 1 TCP 1518280447 127.0.0.1 9 typ host tcptype passive generation 0\r\n";
  constexpr std::string_view end = "a=end-of-candidates\r\n";
  std::string with_tcp = SoraOffer();
  for (size_t at = 0; (at = with_tcp.find(end, at)) != std::string::npos; at += candidate.size() + end.size())
    with_tcp.insert(at, candidate);
  // Its candidates would come before those of the other one, which gathers in the same steps.
  const uint32_t udp = session.CreatePeer();
  Offer(session, udp, SoraOffer());
  const uint32_t tcp = session.CreatePeer();
  Offer(session, tcp, with_tcp);
  const auto is_tcp = [](const Event& event) {
    return event.type == SORA_EVENT_ICE_CANDIDATE && event.payload.find(" tcp ") != std::string::npos;
  };
  session.queue.Take([&](const Event& event) { return is_tcp(event) && event.handle == tcp; }, "a candidate for TCP");
  size_t candidates = 0;
  for (const Event& event : session.queue.TakeAll()) {
    if (event.handle != udp || event.type != SORA_EVENT_ICE_CANDIDATE) continue;
    ++candidates;
    REQUIRE_HAS_NOT(event.payload, " tcp ");
  }
  REQUIRE(candidates > 0);
  session.ClosePeer(udp);
  session.ClosePeer(tcp);
}
