#include "primitives.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "clock.h"
#include "pc/srtp_session.h"

namespace load {
namespace {

constexpr size_t kPacket = 1200;
constexpr size_t kTargets = 20;

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

class Socket {
 public:
  Socket() : descriptor(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in own = Loopback(0);
    socklen_t size = sizeof own;
    constexpr int kBuffer = 4 * 1024 * 1024;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
    if (bind(descriptor, reinterpret_cast<sockaddr*>(&own), size) != 0 ||
        getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) != 0)
      throw std::runtime_error("no UDP socket");
    address = own;
  }
  ~Socket() { close(descriptor); }
  Socket(const Socket&) = delete;

  void Drain() {
    char data[2048];
    while (recv(descriptor, data, sizeof data, MSG_DONTWAIT) > 0) {
    }
  }

  const int descriptor;
  sockaddr_in address;
};

// Many datagrams for one system call.
struct Messages {
  explicit Messages(size_t size) {
    for (size_t i = 0; i < kTargets; ++i) {
      data[i].resize(size);
      parts[i] = {data[i].data(), size};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
  }
  std::array<std::vector<uint8_t>, kTargets> data;
  std::array<iovec, kTargets> parts{};
  std::array<mmsghdr, kTargets> headers{};
};

double MicrosecondsSince(int64_t cpu_ns, size_t count) {
  return static_cast<double>(CpuTime() - cpu_ns) / 1000 / static_cast<double>(count);
}

}  // namespace

int Limit() {
  constexpr size_t kRounds = 4000;
  cricket::SrtpSession session;
  std::array<uint8_t, 28> key{};
  if (!session.SetSend(/*AEAD_AES_128_GCM*/ 7, key.data(), key.size(), {})) return 1;
  const std::unique_ptr<Socket[]> targets(new Socket[kTargets]);
  const Socket from;
  Messages messages(kPacket + 16);
  uint8_t packet[kPacket + 64] = {0x80, 96};
  uint16_t sequence = 0;
  const auto protect = [&] {
    ++sequence;
    packet[0] = 0x80;
    packet[2] = static_cast<uint8_t>(sequence >> 8);
    packet[3] = static_cast<uint8_t>(sequence);
    int size = 0;
    session.ProtectRtp(packet, kPacket, sizeof packet, &size);
  };
  const auto drain = [&] {
    for (size_t i = 0; i < kTargets; ++i) targets[i].Drain();
  };
  int64_t begin = CpuTime();
  for (size_t i = 0; i < kRounds * kTargets; ++i) protect();
  const double protecting = MicrosecondsSince(begin, kRounds * kTargets);
  int64_t single = 0, many = 0;
  for (size_t round = 0; round < kRounds; ++round) {
    begin = CpuTime();
    for (size_t i = 0; i < kTargets; ++i)
      sendto(from.descriptor, packet, kPacket + 16, 0, reinterpret_cast<const sockaddr*>(&targets[i].address),
             sizeof(sockaddr_in));
    single += CpuTime() - begin;
    drain();
    for (size_t i = 0; i < kTargets; ++i) {
      messages.headers[i].msg_hdr.msg_name = &targets[i].address;
      messages.headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
    }
    begin = CpuTime();
    sendmmsg(from.descriptor, messages.headers.data(), kTargets, 0);
    many += CpuTime() - begin;
    drain();
  }
  const auto each = [](int64_t ns) { return static_cast<double>(ns) / 1000 / (kRounds * kTargets); };
  std::printf("{\"protect\":%.4f,\"sendto\":%.4f,\"sendmmsg\":%.4f}\n", protecting, each(single), each(many));
  return 0;
}

int ReceiveDatagrams(uint32_t count) {
  const Socket socket;
  std::printf("{\"port\":%d}\n", ntohs(socket.address.sin_port));
  std::fflush(stdout);
  Messages messages(2048);
  uint32_t received = 0;
  int64_t begin = 0;
  while (received < count) {
    pollfd ready{socket.descriptor, POLLIN, 0};
    if (poll(&ready, 1, 2000) <= 0) break;
    if (begin == 0) begin = CpuTime();
    const int got = recvmmsg(socket.descriptor, messages.headers.data(), kTargets, MSG_DONTWAIT, nullptr);
    if (got > 0) received += static_cast<uint32_t>(got);
  }
  std::printf("{\"receive\":%.4f,\"received\":%u}\n", received ? MicrosecondsSince(begin, received) : 0.0, received);
  return 0;
}

int SendDatagrams(uint16_t port, uint32_t count, uint32_t rate) {
  const Socket socket;
  sockaddr_in to = Loopback(port);
  Messages messages(kPacket);
  for (mmsghdr& header : messages.headers) {
    header.msg_hdr.msg_name = &to;
    header.msg_hdr.msg_namelen = sizeof to;
  }
  int64_t spent = 0;
  const int64_t begin = Now();
  for (uint32_t sent = 0; sent < count; sent += kTargets) {
    const int64_t due = begin + int64_t{sent} * 1'000'000'000 / rate;
    const timespec until{due / 1'000'000'000, due % 1'000'000'000};
    if (due > Now()) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
    const int64_t cpu_ns = CpuTime();
    sendmmsg(socket.descriptor, messages.headers.data(), kTargets, 0);
    spent += CpuTime() - cpu_ns;
  }
  std::printf("{\"send\":%.4f}\n", static_cast<double>(spent) / 1000 / count);
  return 0;
}

}  // namespace load
