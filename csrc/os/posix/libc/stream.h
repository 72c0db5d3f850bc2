// fopen() with close-on-exec, for the definitions that take precedence over the C library's.
#ifndef SORA_OS_POSIX_LIBC_STREAM_H
#define SORA_OS_POSIX_LIBC_STREAM_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

inline FILE* OpenStream(const char* path, const char* mode) {
  const int access = strchr(mode, '+') ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
  const int creation = *mode == 'w' ? O_CREAT | O_TRUNC : *mode == 'a' ? O_CREAT | O_APPEND : 0;
  const int exclusive = strchr(mode, 'x') ? O_EXCL : 0;
  const int descriptor = openat(AT_FDCWD, path, access | creation | exclusive | O_CLOEXEC, 0666);
  if (descriptor < 0) return nullptr;
  FILE* const file = fdopen(descriptor, mode);
  if (!file) close(descriptor);
  return file;
}

#endif
