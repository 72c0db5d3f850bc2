#include "os/datagrams.h"

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

int ReceiveMessages(int descriptor, std::span<DatagramMessage> messages) {
  return recvmmsg(descriptor, Headers(messages), static_cast<unsigned>(messages.size()), MSG_DONTWAIT, nullptr);
}

int SendMessages(int descriptor, std::span<DatagramMessage> messages) {
  return sendmmsg(descriptor, Headers(messages), static_cast<unsigned>(messages.size()), MSG_DONTWAIT);
}

}  // namespace sora
