// Datagrams on their way out, which leave through their sockets in as few system calls as possible.
#ifndef SORA_TRANSPORT_SEND_BATCH_H
#define SORA_TRANSPORT_SEND_BATCH_H

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "transport/endpoint.h"
#include "transport/udp_socket.h"

namespace sora {

// Not shared by threads. The datagrams of one socket keep their order.
class SendBatch {
 public:
  // What fits besides the largest datagram: SRTP's tag, which is written before the size is known.
  static constexpr size_t kSpare = 64;

  SendBatch();

  bool full() const { return count_ == kCapacity; }
  // Room for a datagram, to be filled in place; sends those before it when the batch is full.
  uint8_t* Next();
  // The datagram that Next gave room for is complete. The socket stays open until it is sent.
  void Add(size_t size, const std::shared_ptr<UdpSocket>& socket, const Endpoint& to);
  // Sends all of them; returns how many the system refused.
  size_t Flush();

 private:
  static constexpr size_t kCapacity = 256;
  static constexpr size_t kNone = SIZE_MAX;
  struct Datagram {
    sockaddr_storage to;
    iovec part;
    size_t next;  // of the same socket
    std::array<uint8_t, kMaxDatagram + kSpare> data;
  };
  // The datagrams of one socket.
  struct Chain {
    std::shared_ptr<UdpSocket> socket;
    size_t first, last;
  };
  size_t Send(const Chain& chain);

  std::unique_ptr<Datagram[]> datagrams_;
  std::unique_ptr<mmsghdr[]> headers_;
  std::vector<Chain> chains_;
  size_t count_ = 0;
  size_t refused_ = 0;
};

}  // namespace sora

#endif
