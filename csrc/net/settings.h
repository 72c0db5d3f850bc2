// The settings for TURN over TCP and TLS: "tls" and "proxy" of a peer's configuration (sora_ffi/peer.h).
#ifndef SORA_NET_SETTINGS_H
#define SORA_NET_SETTINGS_H

#include <memory>
#include <string>

#include "core/json.h"
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
};

// Throws SORA_ERROR_INVALID_ARGUMENT with the path of what is wrong, but never with the value.
NetworkSettings ParseNetworkSettings(const Json& configuration);

}  // namespace sora

#endif
