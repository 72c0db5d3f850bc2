#include "os/datagrams.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

namespace sora {

int OpenDatagramSocket(sa_family_t family) {
  const int descriptor = socket(family, SOCK_DGRAM, 0);
  if (descriptor < 0) return -1;
  if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 && fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0) return descriptor;
  const int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

void CloseDatagramSocket(int descriptor) { close(descriptor); }

void SetDatagramBuffers(int descriptor, int bytes) {
  // The system refuses more than kern.ipc.maxsockbuf altogether.
  for (const int direction : {SO_RCVBUF, SO_SNDBUF})
    for (int size = bytes; size >= 65'536 && setsockopt(descriptor, SOL_SOCKET, direction, &size, sizeof size) != 0;)
      size /= 2;
}

bool CanSegment(int) { return false; }

void SetSegmentSize(msghdr&, SegmentControl&, uint16_t) {}

void CoalesceReceived(int) {}

size_t ReceivedSegmentSize(const msghdr&) { return 0; }

void ReportArrivals(int) {}

std::optional<int64_t> AgeUs(const msghdr&, const timespec&) { return std::nullopt; }

timespec WallClock() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

bool SetTrafficClass(int descriptor, sa_family_t family, int dscp) {
  const int value = dscp << 2;  // above the two bits of ECN
  return family == AF_INET ? setsockopt(descriptor, IPPROTO_IP, IP_TOS, &value, sizeof value) == 0
                           : setsockopt(descriptor, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof value) == 0;
}

int ReceiveMessages(int descriptor, std::span<DatagramMessage> messages) {
  int count = 0;
  for (DatagramMessage& message : messages) {
    const ssize_t size = recvmsg(descriptor, &message.header, MSG_DONTWAIT);
    if (size < 0) return count > 0 ? count : -1;
    message.size = static_cast<unsigned>(size);
    ++count;
  }
  return count;
}

int SendMessages(int descriptor, std::span<DatagramMessage> messages) {
  int count = 0;
  for (const DatagramMessage& message : messages) {
    if (sendmsg(descriptor, &message.header, MSG_DONTWAIT) < 0) return count > 0 ? count : -1;
    ++count;
  }
  return count;
}

}  // namespace sora
