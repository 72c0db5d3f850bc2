// The address and port that a datagram came from or goes to.
#ifndef SORA_DATAGRAMS_ENDPOINT_H
#define SORA_DATAGRAMS_ENDPOINT_H

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>

#include "os/sockets.h"

namespace sora {

// Addresses are kept as IPv6; those of IPv4 are mapped into it (RFC 4291, section 2.5.5.2), so that both compare as bytes.
struct Endpoint {
  std::array<uint8_t, 16> address{};
  uint16_t port = 0;  // host byte order

  bool operator==(const Endpoint&) const = default;

  bool is_ipv4() const {
    static constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::memcmp(address.data(), kMapped, sizeof kMapped) == 0;
  }

  static Endpoint Of(const sockaddr_storage& from) {
    Endpoint endpoint;
    if (from.ss_family == AF_INET) {
      const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
      endpoint.address[10] = endpoint.address[11] = 0xff;
      std::memcpy(&endpoint.address[12], &v4.sin_addr, 4);
      endpoint.port = ntohs(v4.sin_port);
    } else if (from.ss_family == AF_INET6) {
      const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
      std::memcpy(endpoint.address.data(), &v6.sin6_addr, 16);
      endpoint.port = ntohs(v6.sin6_port);
    }
    return endpoint;
  }

  // As an address of a socket of this family; returns its length.
  socklen_t To(sa_family_t family, sockaddr_storage& to) const {
    std::memset(&to, 0, sizeof(sockaddr_in6));
    if (family == AF_INET) {
      auto& v4 = reinterpret_cast<sockaddr_in&>(to);
      v4.sin_family = AF_INET;
      std::memcpy(&v4.sin_addr, &address[12], 4);
      v4.sin_port = htons(port);
      return sizeof v4;
    }
    auto& v6 = reinterpret_cast<sockaddr_in6&>(to);
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, address.data(), 16);
    v6.sin6_port = htons(port);
    return sizeof v6;
  }
};

struct EndpointHash {
  size_t operator()(const Endpoint& endpoint) const {
    const std::string_view bytes(reinterpret_cast<const char*>(endpoint.address.data()), endpoint.address.size());
    return std::hash<std::string_view>()(bytes) ^ (size_t{endpoint.port} * 0x9e3779b97f4a7c15u);
  }
};

}  // namespace sora

#endif
