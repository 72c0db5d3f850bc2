// Datagrams on their way out, which leave through their sockets in as few system calls as possible.
#ifndef SORA_DATAGRAMS_SEND_BATCH_H
#define SORA_DATAGRAMS_SEND_BATCH_H

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "os/datagrams.h"
#include "datagrams/endpoint.h"
#include "datagrams/udp_socket.h"

namespace sora {

// Not shared by threads. The datagrams from one socket to one address keep their order; those of one size, which may end with a
// smaller one, go down the network stack as one and are segmented at its end, where the system can.
class SendBatch {
 public:
  // What fits besides the largest datagram: SRTP's tag, which is written before the size is known.
  static constexpr size_t kSpare = 64;

  // capacity: datagrams that are sent together at most.
  explicit SendBatch(size_t capacity = 256);

  bool empty() const { return count_ == 0; }
  bool full() const { return count_ == capacity_; }
  // Room for a datagram, to be filled in place; sends those before it when the batch is full.
  uint8_t* Next();
  // The datagram that Next gave room for is complete. The socket stays open until it is sent.
  void Add(size_t size, const std::shared_ptr<UdpSocket>& socket, const Endpoint& to);
  // Sends all of them; returns how many the system refused. A socket whose buffer was full is marked as blocked.
  size_t Flush();

 private:
  static constexpr size_t kNone = SIZE_MAX;
  struct Datagram {
    Endpoint to;
    size_t size;
    size_t next;  // of the same socket, and then of the same message
    std::array<uint8_t, kMaxDatagram + kSpare> data;
  };
  // The datagrams of one socket.
  struct Chain {
    std::shared_ptr<UdpSocket> socket;
    size_t first, last;
  };
  // Datagrams that are handed over as one.
  struct Message {
    size_t first, last;
    size_t count;
    size_t bytes;
    bool complete;  // nothing can follow
  };

  size_t Send(const Chain& chain);
  void Gather(const Chain& chain);
  Message* MessageFor(const Datagram& datagram);
  // Writes the headers of the messages.
  void Prepare(sa_family_t family);
  // Sends the datagrams of a message one by one; returns how many the system refused.
  size_t SendAlone(int descriptor, const msghdr& message);

  const size_t capacity_;
  std::unique_ptr<Datagram[]> datagrams_;
  std::unique_ptr<DatagramMessage[]> headers_;
  std::unique_ptr<sockaddr_storage[]> addresses_;
  std::unique_ptr<iovec[]> parts_;
  std::unique_ptr<SegmentControl[]> controls_;
  std::vector<Chain> chains_;
  std::vector<Message> messages_;
  size_t count_ = 0;
  size_t refused_ = 0;
};

}  // namespace sora

#endif
