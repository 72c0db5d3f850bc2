#include "transport/receive_batch.h"

namespace sora {

ReceiveBatch::ReceiveBatch() : received_(new Received[kCapacity]), headers_(new mmsghdr[kCapacity]{}) {
  for (size_t i = 0; i < kCapacity; ++i) {
    received_[i].part = {received_[i].data.data(), received_[i].data.size()};
    headers_[i].msg_hdr.msg_iov = &received_[i].part;
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &received_[i].from;
  }
}

size_t ReceiveBatch::Receive(const UdpSocket& socket) {
  for (size_t i = 0; i < kCapacity; ++i) headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  const int count = recvmmsg(socket.descriptor(), headers_.get(), kCapacity, MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<size_t>(count) : 0;
}

}  // namespace sora
