// The versions of the library, and its count of objects.
#include <algorithm>
#include <cstring>
#include <string>

#include "core/object.h"
#include "core/result.h"

// build.zig defines SORA_LIBRARY_VERSION, from package.json, and SORA_LIBWEBRTC_VERSION, from the package in the sysroot.

SORA_EXPORT uint32_t sora_abi_version(void) { return SORA_ABI_VERSION; }

SORA_EXPORT int32_t sora_version(uint8_t* buffer, uint32_t size) {
  return sora::Guard([&]() -> int32_t {
#if defined(__x86_64__)
    const char* platform = "linux-x86_64";
#else
    const char* platform = "linux-aarch64";
#endif
    const std::string text = "{\"abi\":" + std::to_string(SORA_ABI_VERSION) +
                             ",\"library\":\"" SORA_LIBRARY_VERSION "\",\"libwebrtc\":\"tg_owt " SORA_LIBWEBRTC_VERSION
                             "\",\"platform\":\"" +
                             platform + "\"}";
    if (buffer) std::memcpy(buffer, text.data(), std::min<size_t>(size, text.size()));
    return static_cast<int32_t>(text.size());
  });
}

SORA_EXPORT uint32_t sora_live_objects(void) { return sora::LiveObjects(); }
