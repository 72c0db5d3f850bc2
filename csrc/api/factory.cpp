#include "sora_ffi/factory.h"

#include <algorithm>
#include <cstring>

#include "runtime/factory.h"
#include "runtime/thread_priorities.h"

using namespace sora;

SORA_EXPORT int32_t sora_factory_create(uint32_t queue, const uint8_t* options, uint32_t options_size,
                                        uint32_t* out_factory) {
  return Guard([&] {
    Require(out_factory, "out_factory is null");
    Require(options || options_size == 0, "options is null");
    auto events = Find<EventQueue>(queue);
    const FactoryOptions parsed = ParseFactoryOptions({reinterpret_cast<const char*>(options), options_size});
    *out_factory = Open(Factory::kKind, std::make_shared<Factory>(std::move(events), parsed));
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_factory_check_threads(uint32_t factory) {
  return Guard([&] {
    Find<Factory>(factory)->runtime()->RequireThreads();
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_thread_priorities(uint8_t* buffer, uint32_t size) {
  return Guard([&] {
    const std::string text = ThreadPriorities();
    if (buffer) std::memcpy(buffer, text.data(), std::min<size_t>(size, text.size()));
    return static_cast<int32_t>(text.size());
  });
}

SORA_EXPORT int32_t sora_factory_close(uint32_t factory) {
  return Guard([&] {
    Take<Factory>(factory)->Close(factory);
    return SORA_OK;
  });
}
