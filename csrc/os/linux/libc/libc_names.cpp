// Names of glibc 2.32 and 2.38 that the archives use and older systems lack.
#include <stdarg.h>

#define HIDDEN extern "C" __attribute__((visibility("hidden")))

// Never the only thread: see newer/sys/single_threaded.h.
HIDDEN const char sora_single_threaded __asm__("__libc_single_threaded");
const char sora_single_threaded = 0;

// The names of 2.38, implemented by the plain functions: declared under other names and bound to those, so that the headers do not
// redirect them back.
extern "C" {
long sora_strtol(const char*, char**, int) __asm__("strtol");
long long sora_strtoll(const char*, char**, int) __asm__("strtoll");
unsigned long sora_strtoul(const char*, char**, int) __asm__("strtoul");
unsigned long long sora_strtoull(const char*, char**, int) __asm__("strtoull");
int sora_vsscanf(const char*, const char*, va_list) __asm__("vsscanf");
}

HIDDEN long __isoc23_strtol(const char* text, char** end, int base) { return sora_strtol(text, end, base); }
HIDDEN long long __isoc23_strtoll(const char* text, char** end, int base) { return sora_strtoll(text, end, base); }
HIDDEN unsigned long __isoc23_strtoul(const char* text, char** end, int base) { return sora_strtoul(text, end, base); }
HIDDEN unsigned long long __isoc23_strtoull(const char* text, char** end, int base) {
  return sora_strtoull(text, end, base);
}
HIDDEN int __isoc23_sscanf(const char* text, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int count = sora_vsscanf(text, format, arguments);
  va_end(arguments);
  return count;
}
