// The versions of the library, and its count of objects.
#include <algorithm>
#include <cstring>
#include <string>

#include "core/object.h"
#include "core/result.h"

// build.zig defines SORA_LIBRARY_VERSION, from package.json, SORA_LIBWEBRTC_VERSION, from what it is linked with, and SORA_PLATFORM.

SORA_EXPORT uint32_t sora_abi_version(void) { return SORA_ABI_VERSION; }

SORA_EXPORT int32_t sora_version(uint8_t* buffer, uint32_t size) {
  return sora::Guard([&]() -> int32_t {
    const std::string text = "{\"abi\":" + std::to_string(SORA_ABI_VERSION) +
                             ",\"library\":\"" SORA_LIBRARY_VERSION "\",\"libwebrtc\":\"" SORA_LIBWEBRTC_VERSION
                             "\",\"platform\":\"" SORA_PLATFORM "\"}";
    if (buffer) std::memcpy(buffer, text.data(), std::min<size_t>(size, text.size()));
    return static_cast<int32_t>(text.size());
  });
}

SORA_EXPORT uint32_t sora_live_objects(void) { return sora::LiveObjects(); }
