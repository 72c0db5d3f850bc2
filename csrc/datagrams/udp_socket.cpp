#include "datagrams/udp_socket.h"

#include <cerrno>
#include <cstring>

#include "core/result.h"
#include "os/datagrams.h"

namespace sora {
namespace {

// A burst of key frames of several publishers.
constexpr int kBufferBytes = 4 * 1024 * 1024;

[[noreturn]] void Refused(const std::string& host, int error) {
  const bool exhausted = error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
  throw Error(exhausted ? SORA_ERROR_LIMIT : SORA_ERROR_UNSUPPORTED,
              "no UDP socket on " + host + ": " + std::strerror(error));
}

}  // namespace

UdpSocket::UdpSocket(const std::string& host, uint16_t port) {
  sockaddr_storage address{};
  socklen_t size = 0;
  auto& v4 = reinterpret_cast<sockaddr_in&>(address);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = family_ = AF_INET;
    v4.sin_port = htons(port);
    size = sizeof v4;
  } else if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = family_ = AF_INET6;
    v6.sin6_port = htons(port);
    size = sizeof v6;
  } else {
    throw Error(SORA_ERROR_INVALID_ARGUMENT, "host must be a numeric IPv4 or IPv6 address, not \"" + host + "\"");
  }
  descriptor_ = OpenDatagramSocket(family_);
  if (descriptor_ < 0) Refused(host, errno);
  const int off = 0;
  if (family_ == AF_INET6) setsockopt(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  SetDatagramBuffers(descriptor_, kBufferBytes);
  if (bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    const int error = errno;
    CloseDatagramSocket(descriptor_);
    Refused(host, error);
  }
  CoalesceReceived(descriptor_);
  segments_ = CanSegment(descriptor_);
  port_ = ntohs(family_ == AF_INET ? v4.sin_port : v6.sin6_port);
}

UdpSocket::~UdpSocket() { CloseDatagramSocket(descriptor_); }

}  // namespace sora
