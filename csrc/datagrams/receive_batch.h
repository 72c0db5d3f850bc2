// Room for the datagrams that one system call receives.
#ifndef SORA_DATAGRAMS_RECEIVE_BATCH_H
#define SORA_DATAGRAMS_RECEIVE_BATCH_H

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "datagrams/endpoint.h"
#include "datagrams/udp_socket.h"
#include "os/datagrams.h"

namespace sora {

class ReceiveBatch {
 public:
  // capacity: messages that one call receives. Each holds one datagram, or several of one sender that the system received as one.
  explicit ReceiveBatch(size_t capacity = 32);

  // Receives what waits on a socket, as much as fits; returns how many messages there were.
  size_t Receive(const UdpSocket& socket);

  // Hands the datagrams of so many messages to take(datagram, from, age), which may write into them, in their order. age: how many
  // microseconds ago one arrived, where the socket reports it (ReportArrivals). Those that are larger than `largest` are left out;
  // returns how many.
  template <typename Take>
  size_t ForEach(size_t count, size_t largest, Take&& take) {
    size_t too_large = 0;
    const timespec now = WallClock();
    for (size_t i = 0; i < count; ++i) {
      const msghdr& header = messages_[i].header;
      const std::span<uint8_t> all(data_.get() + i * kMessageBytes, messages_[i].size);
      const size_t segment = ReceivedSegmentSize(header);
      const size_t size = segment ? segment : all.size();
      if (header.msg_flags & MSG_TRUNC) {
        ++too_large;
        continue;
      }
      const Endpoint from = Endpoint::Of(from_[i]);
      const std::optional<int64_t> age = AgeUs(header, now);
      size_t at = 0;
      do {
        const auto datagram = all.subspan(at, std::min(size, all.size() - at));
        at += size;
        if (datagram.size() > largest) {
          ++too_large;
        } else {
          take(datagram, from, age);
        }
      } while (at < all.size());
    }
    return too_large;
  }

 private:
  static constexpr size_t kMessageBytes = 64 * 1024;  // UDP has no larger one

  const size_t capacity_;
  // Only the pages that datagrams are written to take memory.
  std::unique_ptr<uint8_t[]> data_;
  std::unique_ptr<sockaddr_storage[]> from_;
  std::unique_ptr<iovec[]> parts_;
  std::unique_ptr<ReceivedControl[]> controls_;
  std::unique_ptr<DatagramMessage[]> messages_;
};

}  // namespace sora

#endif
