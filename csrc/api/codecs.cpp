#include "sora_ffi/codecs.h"

#include <algorithm>
#include <cstring>

#include "codecs/engines.h"
#include "core/result.h"

using namespace sora;

SORA_EXPORT int32_t sora_codec_capabilities(const uint8_t* options, uint32_t options_size, uint8_t* buffer, uint32_t size) {
  return Guard([&] {
    Require(options || options_size == 0, "options is null");
    Require(buffer || size == 0, "buffer is null");
    const std::string json =
        CodecEngines(ParseCodecOptions({reinterpret_cast<const char*>(options), options_size})).Capabilities();
    if (size) std::memcpy(buffer, json.data(), std::min<size_t>(size, json.size()));
    return static_cast<int32_t>(json.size());
  });
}
