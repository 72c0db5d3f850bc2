#include "transport/receive_batch.h"

namespace sora {

ReceiveBatch::ReceiveBatch() : received_(new Received[kCapacity]), messages_(new DatagramMessage[kCapacity]{}) {
  for (size_t i = 0; i < kCapacity; ++i) {
    received_[i].part = {received_[i].data.data(), received_[i].data.size()};
    messages_[i].header.msg_iov = &received_[i].part;
    messages_[i].header.msg_iovlen = 1;
    messages_[i].header.msg_name = &received_[i].from;
  }
}

size_t ReceiveBatch::Receive(const UdpSocket& socket) {
  for (size_t i = 0; i < kCapacity; ++i) messages_[i].header.msg_namelen = sizeof(sockaddr_storage);
  const int count = ReceiveMessages(socket.descriptor(), {messages_.get(), kCapacity});
  return count > 0 ? static_cast<size_t>(count) : 0;
}

}  // namespace sora
