// Room for the datagrams that one system call receives.
#ifndef SORA_TRANSPORT_RECEIVE_BATCH_H
#define SORA_TRANSPORT_RECEIVE_BATCH_H

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "os/datagrams.h"
#include "transport/endpoint.h"
#include "transport/udp_socket.h"

namespace sora {

class ReceiveBatch {
 public:
  ReceiveBatch();

  // Receives what waits on a socket, as much as fits; returns how many datagrams there were.
  size_t Receive(const UdpSocket& socket);

  // Hands each of them to take(datagram, from), which may write into it, but for those that were too large; returns how many.
  template <typename Take>
  size_t ForEach(size_t count, Take&& take) {
    size_t too_large = 0;
    for (size_t i = 0; i < count; ++i) {
      if (messages_[i].header.msg_flags & MSG_TRUNC) {
        ++too_large;
        continue;
      }
      take(std::span(received_[i].data.data(), messages_[i].size), Endpoint::Of(received_[i].from));
    }
    return too_large;
  }

 private:
  static constexpr size_t kCapacity = 64;
  struct Received {
    sockaddr_storage from;
    iovec part;
    std::array<uint8_t, kMaxDatagram> data;
  };
  std::unique_ptr<Received[]> received_;
  std::unique_ptr<DatagramMessage[]> messages_;
};

}  // namespace sora

#endif
