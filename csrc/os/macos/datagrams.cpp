#include "os/datagrams.h"

#include <errno.h>
#include <fcntl.h>
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
