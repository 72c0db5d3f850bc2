// What a server has made the ICE agent of a connection hold by offering again and again, and how much of that it may.
#ifndef SORA_NET_ICE_USE_H
#define SORA_NET_ICE_USE_H

#include <atomic>
#include <cstddef>
#include <string>

namespace sora {

class IceUse {
 public:
  // Whether one more session may gather: the first one, and one for each restart (RFC 8445, section 9). libwebrtc keeps the sockets of
  // each, one for each network, until the connection ends. It gathers after the answer, so that one restart too many opens no socket, and
  // the next offer is refused. On the network thread.
  bool TakeSession();

  // The server has offered so many candidates by now; libwebrtc pairs each with each of its own. On the network thread.
  void OnCandidates(size_t count);

  // On any thread. What there was too much of, if anything; nothing more may be offered then.
  std::string Exceeded() const;

 private:
  size_t sessions_ = 0;
  std::atomic<bool> sessions_exceeded_ = false, candidates_exceeded_ = false;
};

}  // namespace sora

#endif
