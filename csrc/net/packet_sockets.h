// The sockets of libwebrtc's network thread. Those for UDP send and receive many datagrams in one system call.
#ifndef SORA_NET_PACKET_SOCKETS_H
#define SORA_NET_PACKET_SOCKETS_H

#include <cstdint>
#include <memory>

#include "rtc_base/async_packet_socket.h"
#include "net/timer_sockets.h"
#include "rtc_base/socket_address.h"

namespace sora {

// A socket server: the thread that waits on it sends what its tasks have brought before it waits. libwebrtc alone makes three
// system calls for each datagram that leaves, and wakes its worker thread for each, also of data channels.
class PacketSockets : public TimerSockets {
 public:
  static std::unique_ptr<PacketSockets> Create();

  // On the thread that waits on this server. Binds a socket to the first port from `min_port` to `max_port` that is free; to any, or
  // to the one of the address, when both are 0. Null when there is none.
  virtual rtc::AsyncPacketSocket* CreateUdpSocket(const rtc::SocketAddress& local, uint16_t min_port, uint16_t max_port) = 0;
};

}  // namespace sora

#endif
