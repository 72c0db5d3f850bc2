// Room for the datagrams that one system call receives.
#ifndef SORA_TRANSPORT_RECEIVE_BATCH_H
#define SORA_TRANSPORT_RECEIVE_BATCH_H

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "transport/endpoint.h"
#include "transport/udp_socket.h"

namespace sora {

class ReceiveBatch {
 public:
  ReceiveBatch();

  // Receives what waits on a socket, as much as fits; returns how many datagrams there were.
  size_t Receive(const UdpSocket& socket);

  // Hands each of them to take(datagram, from), which may write into it. Those that were too large are left out.
  template <typename Take>
  void ForEach(size_t count, Take&& take) {
    for (size_t i = 0; i < count; ++i) {
      if (headers_[i].msg_hdr.msg_flags & MSG_TRUNC) continue;
      take(std::span(received_[i].data.data(), headers_[i].msg_len), Endpoint::Of(received_[i].from));
    }
  }

 private:
  static constexpr size_t kCapacity = 64;
  struct Received {
    sockaddr_storage from;
    iovec part;
    std::array<uint8_t, kMaxDatagram> data;
  };
  std::unique_ptr<Received[]> received_;
  std::unique_ptr<mmsghdr[]> headers_;
};

}  // namespace sora

#endif
