#include "os/network_changes.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sora {
namespace {

// What every message of a routing socket begins with.
struct Head {
  u_short size;
  u_char version;
  u_char type;
};
static_assert(offsetof(Head, type) == offsetof(rt_msghdr, rtm_type) &&
              offsetof(Head, type) == offsetof(if_msghdr, ifm_type));

// The socket reports each route as well, of which the system makes one for every host that it talks to.
bool IsChange(const Head& head) { return head.type == RTM_NEWADDR || head.type == RTM_DELADDR || head.type == RTM_IFINFO; }

}  // namespace

int OpenNetworkChanges() {
  const int descriptor = socket(PF_ROUTE, SOCK_RAW, AF_UNSPEC);
  if (descriptor < 0) return -1;
  if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 && fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0) return descriptor;
  const int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

bool ReadNetworkChanges(int descriptor) {
  char messages[8192];
  bool changed = false;
  for (;;) {
    const ssize_t size = recv(descriptor, messages, sizeof messages, 0);
    if (size < 0 && errno == ENOBUFS) {  // some were lost
      changed = true;
      continue;
    }
    if (size <= 0) return changed;
    for (size_t at = 0; at + sizeof(Head) <= static_cast<size_t>(size);) {
      Head head;
      memcpy(&head, messages + at, sizeof head);
      if (head.size == 0) break;
      if (head.version == RTM_VERSION && IsChange(head)) changed = true;
      at += head.size;
    }
  }
}

void CloseNetworkChanges(int descriptor) { close(descriptor); }

}  // namespace sora
