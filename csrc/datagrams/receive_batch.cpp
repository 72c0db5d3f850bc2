#include "datagrams/receive_batch.h"

namespace sora {

ReceiveBatch::ReceiveBatch(size_t capacity)
    : capacity_(capacity),
      data_(new uint8_t[capacity * kMessageBytes]),
      from_(new sockaddr_storage[capacity]),
      parts_(new iovec[capacity]),
      controls_(new ReceivedControl[capacity]),
      messages_(new DatagramMessage[capacity]{}) {
  for (size_t i = 0; i < capacity; ++i) {
    parts_[i] = {data_.get() + i * kMessageBytes, kMessageBytes};
    messages_[i].header.msg_iov = &parts_[i];
    messages_[i].header.msg_iovlen = 1;
    messages_[i].header.msg_name = &from_[i];
    messages_[i].header.msg_control = controls_[i].data.data();
  }
}

size_t ReceiveBatch::Receive(const UdpSocket& socket) {
  for (size_t i = 0; i < capacity_; ++i) {
    messages_[i].header.msg_namelen = sizeof(sockaddr_storage);
    messages_[i].header.msg_controllen = controls_[i].data.size();
  }
  const int count = ReceiveMessages(socket.descriptor(), {messages_.get(), capacity_});
  return count > 0 ? static_cast<size_t>(count) : 0;
}

}  // namespace sora
