// A bound UDP socket that does not block.
#ifndef SORA_DATAGRAMS_UDP_SOCKET_H
#define SORA_DATAGRAMS_UDP_SOCKET_H

#include <atomic>
#include <cstdint>
#include <string>

#include "os/sockets.h"

namespace sora {

// Largest datagram that is received whole: media and records keep within an Ethernet frame.
constexpr size_t kMaxDatagram = 2048;

class UdpSocket {
 public:
  // Binds to a port of a numeric address; 0: a free one. Throws SORA_ERROR_INVALID_ARGUMENT when it is none, SORA_ERROR_LIMIT when the
  // process has no descriptor left, SORA_ERROR_UNSUPPORTED when the system refuses.
  explicit UdpSocket(const std::string& host, uint16_t port = 0);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  uint16_t port() const { return port_; }
  sa_family_t family() const { return family_; }
  int descriptor() const { return descriptor_; }

  // Whether several datagrams for one address can be sent as one message.
  bool segments() const { return segments_; }
  void set_segments(bool segments) { segments_ = segments; }

  // Whether the system had no room for what was sent last. Who waits until it has clears it.
  bool blocked() const { return blocked_; }
  void set_blocked(bool blocked) { blocked_ = blocked; }

 private:
  int descriptor_ = -1;
  sa_family_t family_ = 0;
  uint16_t port_ = 0;
  std::atomic<bool> segments_ = false;
  std::atomic<bool> blocked_ = false;
};

}  // namespace sora

#endif
