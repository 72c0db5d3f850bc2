// What the archive wants of the C library but may not have here: names that came with glibc 2.38, and data symbols that code
// which is not position independent addresses directly. All of it is hidden.
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>

#define HIDDEN extern "C" __attribute__((visibility("hidden")))

// Declared under other names, bound to the plain functions: the headers must not redirect them back.
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

// Data symbols get hidden twins under the same names; lifetime.cpp fills the streams in with what the C library has.
HIDDEN const in6_addr sora_in6addr_any __asm__("in6addr_any");
HIDDEN const in6_addr sora_in6addr_loopback __asm__("in6addr_loopback");
HIDDEN FILE* sora_stderr __asm__("stderr");
HIDDEN FILE* sora_stdout __asm__("stdout");
const in6_addr sora_in6addr_any = IN6ADDR_ANY_INIT;
const in6_addr sora_in6addr_loopback = IN6ADDR_LOOPBACK_INIT;
FILE* sora_stderr = nullptr;
FILE* sora_stdout = nullptr;
