#include "os/datagrams.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <cstring>

namespace sora {
namespace {

// The system's own, under other names.
static_assert(sizeof(DatagramMessage) == sizeof(mmsghdr));
static_assert(offsetof(DatagramMessage, header) == offsetof(mmsghdr, msg_hdr));
static_assert(offsetof(DatagramMessage, size) == offsetof(mmsghdr, msg_len));

mmsghdr* Headers(std::span<DatagramMessage> messages) { return reinterpret_cast<mmsghdr*>(messages.data()); }

const cmsghdr* Find(const msghdr& message, int level, int type) {
  // The macros that walk through the list take what is not const.
  auto* const from = const_cast<msghdr*>(&message);
  for (cmsghdr* at = CMSG_FIRSTHDR(from); at; at = CMSG_NXTHDR(from, at))
    if (at->cmsg_level == level && at->cmsg_type == type) return at;
  return nullptr;
}

// More than net.core.rmem_max or wmem_max only for a process with CAP_NET_ADMIN.
void SetBuffer(int descriptor, int forced, int plain, int bytes) {
  if (setsockopt(descriptor, SOL_SOCKET, forced, &bytes, sizeof bytes) == 0) return;
  setsockopt(descriptor, SOL_SOCKET, plain, &bytes, sizeof bytes);
}

}  // namespace

int OpenDatagramSocket(sa_family_t family) { return socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

void CloseDatagramSocket(int descriptor) { close(descriptor); }

void SetDatagramBuffers(int descriptor, int bytes) {
  SetBuffer(descriptor, SO_RCVBUFFORCE, SO_RCVBUF, bytes);
  SetBuffer(descriptor, SO_SNDBUFFORCE, SO_SNDBUF, bytes);
}

bool CanSegment(int descriptor) {
  // None is the default; a system that does not know the option would take several datagrams for a large one.
  const int none = 0;
  return setsockopt(descriptor, SOL_UDP, UDP_SEGMENT, &none, sizeof none) == 0;
}

void SetSegmentSize(msghdr& message, SegmentControl& control, uint16_t bytes) {
  message.msg_control = control.data.data();
  message.msg_controllen = control.data.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN(sizeof bytes);
  std::memcpy(CMSG_DATA(header), &bytes, sizeof bytes);
}

void CoalesceReceived(int descriptor) {
  const int on = 1;
  setsockopt(descriptor, SOL_UDP, UDP_GRO, &on, sizeof on);
}

size_t ReceivedSegmentSize(const msghdr& message) {
  const cmsghdr* const found = Find(message, SOL_UDP, UDP_GRO);
  int size = 0;
  if (found) std::memcpy(&size, CMSG_DATA(found), sizeof size);
  return size > 0 ? static_cast<size_t>(size) : 0;
}

void ReportArrivals(int descriptor) {
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

std::optional<int64_t> AgeUs(const msghdr& message, const timespec& now) {
  const cmsghdr* const found = Find(message, SOL_SOCKET, SCM_TIMESTAMPNS);
  if (!found) return std::nullopt;
  timespec arrived{};
  std::memcpy(&arrived, CMSG_DATA(found), sizeof arrived);
  return (int64_t{now.tv_sec} - arrived.tv_sec) * 1'000'000 + (now.tv_nsec - arrived.tv_nsec) / 1000;
}

timespec WallClock() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

bool SetTrafficClass(int descriptor, sa_family_t family, int dscp) {
  // The two lowest bits are those of ECN. A socket for IPv6 may send to addresses of IPv4 too.
  const int value = dscp << 2;
  const bool v4 = setsockopt(descriptor, IPPROTO_IP, IP_TOS, &value, sizeof value) == 0;
  return family == AF_INET ? v4 : setsockopt(descriptor, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof value) == 0;
}

int ReceiveMessages(int descriptor, std::span<DatagramMessage> messages) {
  return recvmmsg(descriptor, Headers(messages), static_cast<unsigned>(messages.size()), MSG_DONTWAIT, nullptr);
}

int SendMessages(int descriptor, std::span<DatagramMessage> messages) {
  return sendmmsg(descriptor, Headers(messages), static_cast<unsigned>(messages.size()), MSG_DONTWAIT);
}

}  // namespace sora
