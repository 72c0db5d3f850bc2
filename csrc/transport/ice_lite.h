// The lite side of ICE (RFC 8445, section 2.5), always controlled: it answers connectivity checks and follows its peer.
#ifndef SORA_TRANSPORT_ICE_LITE_H
#define SORA_TRANSPORT_ICE_LITE_H

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "datagrams/endpoint.h"
#include "transport/stun.h"

namespace sora {

class IceLite {
 public:
  // Makes credentials: 48 bits of a user name fragment, which names the transport, and 144 bits of a password.
  IceLite();

  const std::string& ufrag() const { return ufrag_; }
  const std::string& password() const { return password_; }

  // Binds it to the fragment of the peer's answer; checks with another one are refused from now on.
  void SetRemoteUfrag(std::string ufrag) { remote_ufrag_ = std::move(ufrag); }

  // What a check that names this transport deserves: nothing, the error that its sender must be the controlling side (RFC 8445,
  // section 7.3.1.1), or success.
  enum class Check { kRefused, kConflict, kAccepted };
  Check Judge(std::span<const uint8_t> data, const stun::BindingRequest& request) const;

  // Takes the address of an accepted check; returns the one that had to make room.
  std::optional<Endpoint> Remember(const Endpoint& from, bool nominates);

  // Authentic media came from there. A peer that has lost its address sends from the new one as soon as it has selected that,
  // and may nominate it only at its next check.
  void Heard(const Endpoint& from, int64_t now_ms);

  // Whether an authenticated check came from there.
  bool IsPeer(const Endpoint& from) const;

  // Where to send: the nominated address, or the first that authenticated before.
  const std::optional<Endpoint>& selected() const { return selected_; }

  // The addresses that authenticated. A further one takes the place of the oldest that is not selected.
  static constexpr size_t kMaxPeers = 8;
  std::span<const Endpoint> peers() const { return {peers_.data(), peer_count_}; }

 private:
  std::string ufrag_;
  std::string password_;
  std::optional<std::string> remote_ufrag_;
  std::optional<Endpoint> selected_;
  bool nominated_ = false;
  int64_t heard_ms_ = INT64_MIN / 2;
  std::array<Endpoint, kMaxPeers> peers_{};
  size_t peer_count_ = 0;
};

}  // namespace sora

#endif
