// libwebrtc and its dependencies open descriptors without close-on-exec: a child process would keep sockets open that this process
// has closed. For everything linked into the library, these definitions take precedence over those of the system. Where it has no
// flag for opening, a child that another thread starts in the very moment between the two calls still inherits the descriptor.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/posix/libc/stream.h"

#define HIDDEN extern "C" __attribute__((visibility("hidden")))

namespace {

// The system's function of this name, behind the library's own.
template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int CloseOnExec(int descriptor) {
  if (descriptor >= 0) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return descriptor;
}

int CloseOnExec(int result, const int* pair) {
  if (result == 0) {
    CloseOnExec(pair[0]);
    CloseOnExec(pair[1]);
  }
  return result;
}

}  // namespace

HIDDEN int socket(int domain, int type, int protocol) {
  static auto* const next = Next<int(int, int, int)>("socket");
  return CloseOnExec(next(domain, type, protocol));
}

HIDDEN int socketpair(int domain, int type, int protocol, int* pair) {
  static auto* const next = Next<int(int, int, int, int*)>("socketpair");
  return CloseOnExec(next(domain, type, protocol, pair), pair);
}

HIDDEN int accept(int listening, sockaddr* address, socklen_t* size) {
  static auto* const next = Next<int(int, sockaddr*, socklen_t*)>("accept");
  return CloseOnExec(next(listening, address, size));
}

HIDDEN int pipe(int* ends) {
  static auto* const next = Next<int(int*)>("pipe");
  return CloseOnExec(next(ends), ends);
}

HIDDEN int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if (flags & O_CREAT) {
    va_list arguments;
    va_start(arguments, flags);
    mode = static_cast<mode_t>(va_arg(arguments, int));
    va_end(arguments);
  }
  return openat(AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

HIDDEN FILE* fopen(const char* path, const char* mode) { return OpenStream(path, mode); }
