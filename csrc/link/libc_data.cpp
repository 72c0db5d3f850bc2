// Data of the C library that the libwebrtc archive addresses directly, because it is not position independent: hidden copies
// under the same names. lifetime.cpp sets the streams to those of the C library.
#include <netinet/in.h>
#include <stdio.h>

#define HIDDEN extern "C" __attribute__((visibility("hidden")))

HIDDEN const in6_addr sora_in6addr_any __asm__("in6addr_any");
HIDDEN const in6_addr sora_in6addr_loopback __asm__("in6addr_loopback");
HIDDEN FILE* sora_stderr __asm__("stderr");
HIDDEN FILE* sora_stdout __asm__("stdout");
const in6_addr sora_in6addr_any = IN6ADDR_ANY_INIT;
const in6_addr sora_in6addr_loopback = IN6ADDR_LOOPBACK_INIT;
FILE* sora_stderr = nullptr;
FILE* sora_stdout = nullptr;
