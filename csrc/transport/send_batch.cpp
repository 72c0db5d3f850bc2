#include "transport/send_batch.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sora {

SendBatch::SendBatch() : datagrams_(new Datagram[kCapacity]), headers_(new mmsghdr[kCapacity]{}) {
  for (size_t i = 0; i < kCapacity; ++i) headers_[i].msg_hdr.msg_iovlen = 1;
}

uint8_t* SendBatch::Next() {
  if (full()) refused_ += Flush();
  return datagrams_[count_].data.data();
}

void SendBatch::Add(size_t size, const std::shared_ptr<UdpSocket>& socket, const Endpoint& to) {
  Datagram& datagram = datagrams_[count_];
  datagram.part = {datagram.data.data(), size};
  datagram.next = kNone;
  to.To(socket->family(), datagram.to);
  // The last ones are the likely ones: a fan-out goes from lane to lane.
  const auto found =
      std::find_if(chains_.rbegin(), chains_.rend(), [&](const Chain& chain) { return chain.socket == socket; });
  if (found == chains_.rend()) {
    chains_.push_back({socket, count_, count_});
  } else {
    datagrams_[std::exchange(found->last, count_)].next = count_;
  }
  ++count_;
}

size_t SendBatch::Flush() {
  size_t refused = std::exchange(refused_, 0);
  for (const Chain& chain : chains_) refused += Send(chain);
  chains_.clear();
  count_ = 0;
  return refused;
}

size_t SendBatch::Send(const Chain& chain) {
  size_t count = 0;
  for (size_t i = chain.first; i != kNone; i = datagrams_[i].next) {
    msghdr& header = headers_[count++].msg_hdr;
    header.msg_iov = &datagrams_[i].part;
    header.msg_name = &datagrams_[i].to;
    header.msg_namelen = chain.socket->family() == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  }
  size_t at = 0, refused = 0;
  while (at < count) {
    const int sent = sendmmsg(chain.socket->descriptor(), &headers_[at], static_cast<unsigned>(count - at), MSG_DONTWAIT);
    if (sent > 0) {
      at += static_cast<size_t>(sent);
    } else if (errno == EAGAIN || errno == ENOBUFS) {
      return refused + count - at;  // the socket's buffer is full: what is left is lost, as on a wire
    } else if (errno != EINTR) {
      ++at;  // one that the system does not send there
      ++refused;
    }
  }
  return refused;
}

}  // namespace sora
