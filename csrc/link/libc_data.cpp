// Data of the C library that Debian's libwebrtc addresses directly, because it is not position independent: hidden copies under the
// same names.
#include <dlfcn.h>
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

namespace {

// Before other constructors, which may write to them.
__attribute__((constructor(101))) void TakeStreams() {
  if (auto** file = static_cast<FILE**>(dlsym(RTLD_DEFAULT, "stderr"))) sora_stderr = *file;
  if (auto** file = static_cast<FILE**>(dlsym(RTLD_DEFAULT, "stdout"))) sora_stdout = *file;
}

}  // namespace
