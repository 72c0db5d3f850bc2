#include "datagrams/send_batch.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sora {
namespace {

// What a message may hold: the system takes 64 datagrams and 65,507 bytes.
constexpr size_t kMaxSegments = 32;
constexpr size_t kMaxMessageBytes = 60'000;

// Messages of a socket among which one for an address is looked for: it has few addresses.
constexpr size_t kLookBack = 16;

}  // namespace

SendBatch::SendBatch(size_t capacity)
    : capacity_(capacity),
      datagrams_(new Datagram[capacity]),
      headers_(new DatagramMessage[capacity]{}),
      addresses_(new sockaddr_storage[capacity]),
      parts_(new iovec[capacity]),
      controls_(new SegmentControl[capacity]) {
  messages_.reserve(capacity);
}

uint8_t* SendBatch::Next() {
  if (full()) refused_ += Flush();
  return datagrams_[count_].data.data();
}

void SendBatch::Add(size_t size, const std::shared_ptr<UdpSocket>& socket, const Endpoint& to) {
  Datagram& datagram = datagrams_[count_];
  datagram.size = size;
  datagram.next = kNone;
  datagram.to = to;
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

// The message that a datagram can be added to, if there is one.
SendBatch::Message* SendBatch::MessageFor(const Datagram& datagram) {
  const size_t looked_at = std::min(messages_.size(), kLookBack);
  const auto end = messages_.rbegin() + static_cast<ptrdiff_t>(looked_at);
  const auto found = std::find_if(messages_.rbegin(), end,
                                  [&](const Message& message) { return datagrams_[message.first].to == datagram.to; });
  if (found == end || found->complete || found->count == kMaxSegments) return nullptr;
  const bool fits = datagram.size <= datagrams_[found->first].size && found->bytes + datagram.size <= kMaxMessageBytes;
  return fits ? &*found : nullptr;
}

void SendBatch::Gather(const Chain& chain) {
  messages_.clear();
  for (size_t i = chain.first; i != kNone;) {
    Datagram& datagram = datagrams_[i];
    const size_t next = std::exchange(datagram.next, kNone);
    Message* const message = chain.socket->segments() ? MessageFor(datagram) : nullptr;
    if (message) {
      datagrams_[std::exchange(message->last, i)].next = i;
      ++message->count;
      message->bytes += datagram.size;
      message->complete = datagram.size < datagrams_[message->first].size;
    } else {
      messages_.push_back({i, i, 1, datagram.size, false});
    }
    i = next;
  }
}

void SendBatch::Prepare(sa_family_t family) {
  iovec* part = parts_.get();
  for (size_t i = 0; i < messages_.size(); ++i) {
    const Message& message = messages_[i];
    const Datagram& first = datagrams_[message.first];
    msghdr& header = headers_[i].header;
    header = {};
    header.msg_name = &addresses_[i];
    header.msg_namelen = first.to.To(family, addresses_[i]);
    header.msg_iov = part;
    header.msg_iovlen = message.count;
    for (size_t at = message.first; at != kNone; at = datagrams_[at].next)
      *part++ = {datagrams_[at].data.data(), datagrams_[at].size};
    if (message.count > 1) SetSegmentSize(header, controls_[i], static_cast<uint16_t>(first.size));
  }
}

size_t SendBatch::Send(const Chain& chain) {
  const int descriptor = chain.socket->descriptor();
  Gather(chain);
  Prepare(chain.socket->family());
  const size_t count = messages_.size();
  size_t at = 0, refused = 0;
  while (at < count) {
    const int sent = SendMessages(descriptor, {&headers_[at], count - at});
    if (sent > 0) {
      at += static_cast<size_t>(sent);
    } else if (errno == EAGAIN || errno == ENOBUFS) {
      // The socket's buffer is full: what is left is lost, as on a wire.
      chain.socket->set_blocked(true);
      for (; at < count; ++at) refused += messages_[at].count;
    } else if (errno != EINTR) {
      // Of a device that computes no checksums, or for a path that takes smaller packets only; or one that the system does not send
      // there at all.
      if (errno == EIO) chain.socket->set_segments(false);
      refused += messages_[at].count == 1 ? 1 : SendAlone(descriptor, headers_[at].header);
      ++at;
    }
  }
  return refused;
}

size_t SendBatch::SendAlone(int descriptor, const msghdr& message) {
  size_t refused = 0;
  const auto count = static_cast<size_t>(message.msg_iovlen);
  for (size_t i = 0; i < count; ++i) {
    msghdr one = message;
    one.msg_iov = &message.msg_iov[i];
    one.msg_iovlen = 1;
    one.msg_control = nullptr;
    one.msg_controllen = 0;
    if (sendmsg(descriptor, &one, MSG_DONTWAIT) < 0) ++refused;
  }
  return refused;
}

}  // namespace sora
