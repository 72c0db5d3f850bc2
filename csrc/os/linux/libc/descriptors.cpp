// libwebrtc and its dependencies open descriptors without close-on-exec: a child process would keep sockets open that this process
// has closed. For everything linked into the library, these definitions take precedence over those of the C library.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/posix/libc/stream.h"

#define HIDDEN extern "C" __attribute__((visibility("hidden")))

// Each calls the C library under another name: its own would call itself.

HIDDEN int socket(int domain, int type, int protocol) noexcept {
  return static_cast<int>(syscall(SYS_socket, domain, type | SOCK_CLOEXEC, protocol));
}

HIDDEN int socketpair(int domain, int type, int protocol, int* pair) noexcept {
  return static_cast<int>(syscall(SYS_socketpair, domain, type | SOCK_CLOEXEC, protocol, pair));
}

HIDDEN int accept(int listening, sockaddr* address, socklen_t* size) {
  return accept4(listening, address, size, SOCK_CLOEXEC);
}

HIDDEN int epoll_create(int size) noexcept {
  if (size > 0) return epoll_create1(EPOLL_CLOEXEC);
  errno = EINVAL;
  return -1;
}

HIDDEN int pipe(int* ends) noexcept { return pipe2(ends, O_CLOEXEC); }

HIDDEN int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if (flags & (O_CREAT | __O_TMPFILE)) {
    va_list arguments;
    va_start(arguments, flags);
    mode = static_cast<mode_t>(va_arg(arguments, int));
    va_end(arguments);
  }
  return openat(AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

HIDDEN FILE* fopen64(const char* path, const char* mode) { return OpenStream(path, mode); }

HIDDEN FILE* fopen(const char* path, const char* mode) { return OpenStream(path, mode); }
