#include "sora_ffi/factory.h"

#include "runtime/factory.h"

using namespace sora;

SORA_EXPORT int32_t sora_factory_create(uint32_t queue, const uint8_t* options, uint32_t options_size,
                                        uint32_t* out_factory) {
  return Guard([&] {
    Require(out_factory, "out_factory is null");
    Require(options || options_size == 0, "options is null");
    auto events = Find<EventQueue>(queue);
    const CodecEngines codecs(ParseCodecOptions({reinterpret_cast<const char*>(options), options_size}));
    *out_factory = Open(Factory::kKind, std::make_shared<Factory>(std::move(events), codecs));
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_factory_check_threads(uint32_t factory) {
  return Guard([&] {
    Find<Factory>(factory);
    RequireThreads();
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_factory_close(uint32_t factory) {
  return Guard([&] {
    Take<Factory>(factory)->Close(factory);
    return SORA_OK;
  });
}
