#include "os/network_changes.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sora {

int OpenNetworkChanges() {
  const int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (descriptor < 0) return -1;
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return descriptor;
  const int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

bool ReadNetworkChanges(int descriptor) {
  char messages[8192];
  bool changed = false;
  // Nothing else was asked for; ENOBUFS: some were lost.
  for (ssize_t size; (size = recv(descriptor, messages, sizeof messages, 0)) > 0 || (size < 0 && errno == ENOBUFS);)
    changed = true;
  return changed;
}

void CloseNetworkChanges(int descriptor) { close(descriptor); }

}  // namespace sora
