// A header of glibc 2.32 that libstdc++'s headers ask whether reference counts need atomic operations. They always do: a runtime for
// JavaScript has several threads before it opens the library.
#ifndef SORA_OS_LINUX_LIBC_NEWER_SYS_SINGLE_THREADED_H
#define SORA_OS_LINUX_LIBC_NEWER_SYS_SINGLE_THREADED_H

inline constexpr char __libc_single_threaded = 0;

#endif
