#include "wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "clock.h"

namespace load {
namespace {

constexpr int kBufferBytes = 4 * 1024 * 1024;

// When the kernel got a datagram, on the clock of Now().
int64_t Arrived(const msghdr& header, int64_t real_to_monotonic_ns) {
  for (cmsghdr* at = CMSG_FIRSTHDR(&header); at; at = CMSG_NXTHDR(const_cast<msghdr*>(&header), at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SO_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(at), sizeof stamp);
    return int64_t{stamp.tv_sec} * 1'000'000'000 + stamp.tv_nsec + real_to_monotonic_ns;
  }
  return Now();
}

}  // namespace

Batch::Batch() : data(new std::array<uint8_t, kSize>[kCount]), controls(new std::array<uint8_t, 64>[kCount]) {
  for (size_t i = 0; i < kCount; ++i) {
    parts[i] = {data[i].data(), kSize};
    headers[i].msg_hdr.msg_iov = &parts[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
}

Wire::Wire(const std::string& host, uint16_t port, const Path& path, uint32_t seed) : path_(path), random_(seed) {
  sockaddr_storage address{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(address);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
  socklen_t size = 0;
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    size = sizeof v4;
  } else if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    size = sizeof v6;
  } else {
    throw std::runtime_error("host must be a numeric address, not " + host);
  }
  descriptor_ = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  if (descriptor_ < 0 || setsockopt(descriptor_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0 ||
      connect(descriptor_, reinterpret_cast<sockaddr*>(&address), size) != 0)
    throw std::runtime_error(std::string("no UDP socket: ") + std::strerror(errno));
  // What is lost is to be lost by the server.
  if (setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUFFORCE, &kBufferBytes, sizeof kBufferBytes) != 0)
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof kBufferBytes);
}

Wire::~Wire() { close(descriptor_); }

bool Wire::Loses() { return path_.loss > 0 && std::generate_canonical<double, 32>(random_) < path_.loss; }

void Wire::Send(Batch& out, std::span<const uint8_t> datagram) {
  if (datagram.size() > Batch::kSize) throw std::runtime_error("a datagram is too large");
  if (delays()) {
    if (!Loses()) outgoing_.push_back({Now() + path_.delay_ns, {datagram.begin(), datagram.end()}});
    return;
  }
  if (waiting_ == Batch::kCount) Flush(out);
  std::memcpy(out.data[waiting_].data(), datagram.data(), datagram.size());
  out.parts[waiting_].iov_len = datagram.size();
  ++waiting_;
}

void Wire::Flush(Batch& out) {
  for (size_t at = 0; at < waiting_;) {
    const int sent = sendmmsg(descriptor_, &out.headers[at], static_cast<unsigned>(waiting_ - at), MSG_DONTWAIT);
    if (sent > 0) {
      at += static_cast<size_t>(sent);
    } else if (errno != EINTR) {
      ++refused_;
      ++at;
    }
  }
  waiting_ = 0;
}

void Wire::Receive(Batch& in, const Take& take) {
  for (;;) {
    for (size_t i = 0; i < Batch::kCount; ++i) {
      in.parts[i].iov_len = Batch::kSize;
      in.headers[i].msg_hdr.msg_control = in.controls[i].data();
      in.headers[i].msg_hdr.msg_controllen = in.controls[i].size();
    }
    const int count = recvmmsg(descriptor_, in.headers.data(), Batch::kCount, MSG_DONTWAIT, nullptr);
    if (count <= 0) return;
    const int64_t now_ns = Now();
    const int64_t real_to_monotonic_ns = now_ns - Nanoseconds(CLOCK_REALTIME);
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      const std::span<uint8_t> datagram(in.data[i].data(), in.headers[i].msg_len);
      if (!delays()) {
        take(datagram, Arrived(in.headers[i].msg_hdr, real_to_monotonic_ns));
      } else if (!Loses()) {
        incoming_.push_back({now_ns + path_.delay_ns, {datagram.begin(), datagram.end()}});
      }
    }
    if (static_cast<size_t>(count) < Batch::kCount) return;
  }
}

void Wire::Move(Batch& out, const Take& take) {
  const int64_t now_ns = Now();
  for (; !outgoing_.empty() && outgoing_.front().due_ns <= now_ns; outgoing_.pop_front()) {
    const std::vector<uint8_t>& data = outgoing_.front().data;
    if (send(descriptor_, data.data(), data.size(), MSG_DONTWAIT) < 0) ++refused_;
  }
  while (!incoming_.empty() && incoming_.front().due_ns <= now_ns) {
    Delayed delayed = std::move(incoming_.front());
    incoming_.pop_front();
    take(delayed.data, delayed.due_ns);
  }
  Flush(out);
}

}  // namespace load
