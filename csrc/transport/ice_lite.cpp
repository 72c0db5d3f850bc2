#include "transport/ice_lite.h"

#include <openssl/rand.h>

#include <algorithm>

#include "core/result.h"

namespace sora {
namespace {

// Silence of the selected address after which media from another one is followed: a late packet does not turn back.
constexpr int64_t kQuietMs = 200;

// Random characters of ICE's alphabet (RFC 8839, section 5.4), 6 bits each.
std::string RandomCharacters(size_t count) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(text.data()), static_cast<int>(count)) != 1)
    throw Error(SORA_ERROR_INTERNAL, "OpenSSL gave no random numbers");
  for (char& character : text) character = kAlphabet[static_cast<uint8_t>(character) & 63];
  return text;
}

}  // namespace

IceLite::IceLite() : ufrag_(RandomCharacters(8)), password_(RandomCharacters(24)) {}

IceLite::Check IceLite::Judge(std::span<const uint8_t> data, const stun::BindingRequest& request) const {
  const size_t colon = request.username.find(':');
  if (colon == std::string_view::npos || request.username.substr(0, colon) != ufrag_) return Check::kRefused;
  if (remote_ufrag_ && request.username.substr(colon + 1) != *remote_ufrag_) return Check::kRefused;
  if (!stun::Verify(data, request, password_)) return Check::kRefused;
  return request.controlled ? Check::kConflict : Check::kAccepted;
}

void IceLite::Heard(const Endpoint& from, int64_t now_ms) {
  if (selected_ != from) {
    if (now_ms - heard_ms_ < kQuietMs || !IsPeer(from)) return;
    selected_ = from;
  }
  heard_ms_ = now_ms;
}

bool IceLite::IsPeer(const Endpoint& from) const { return std::ranges::find(peers(), from) != peers().end(); }

std::optional<Endpoint> IceLite::Remember(const Endpoint& from, bool nominates) {
  std::optional<Endpoint> gone;
  if (!IsPeer(from)) {
    if (peer_count_ == kMaxPeers) {
      const auto oldest = selected_ == peers_[0] ? peers_.begin() + 1 : peers_.begin();
      gone = *oldest;
      std::shift_left(oldest, peers_.end(), 1);
      --peer_count_;
    }
    peers_[peer_count_++] = from;
  }
  if (selected_ == from) {
    nominated_ |= nominates;
  } else if (nominates || (!nominated_ && !selected_)) {
    selected_ = from;
    nominated_ |= nominates;
  }
  return gone;
}

}  // namespace sora
