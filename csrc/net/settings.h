// The settings for TURN over TCP and TLS: "tls" and "proxy" of a peer's configuration (sora_ffi/peer.h).
#ifndef SORA_NET_SETTINGS_H
#define SORA_NET_SETTINGS_H

#include <atomic>
#include <memory>
#include <string>

#include "core/json.h"
#include "net/ice_use.h"
#include "net/tls_client.h"
#include "rtc_base/socket_address.h"

namespace sora {

struct ProxySettings {
  rtc::SocketAddress address;
  std::string username;
  std::string password;
  std::string agent;
};

struct NetworkSettings {
  std::shared_ptr<const TlsClient> tls;        // never null
  std::shared_ptr<const ProxySettings> proxy;  // null: no proxy
  // Whether the offer has candidates for TCP (RFC 6544). Without them nobody would connect to our own, each of which is a socket
  // that listens. Read when gathering begins, which is after the offer.
  std::shared_ptr<std::atomic<bool>> tcp = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<IceUse> use = std::make_shared<IceUse>();
};

// Throws SORA_ERROR_INVALID_ARGUMENT with the path of what is wrong, but never with the value.
NetworkSettings ParseNetworkSettings(const Json& configuration);

}  // namespace sora

#endif
