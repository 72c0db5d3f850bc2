#include "core/result.h"

#include <algorithm>
#include <cstring>

namespace sora {
namespace {
// Fixed, so that reporting a failure cannot fail itself.
struct LastError {
  char text[1024];
  uint32_t size;
};
thread_local LastError last_error{};
}  // namespace

int32_t Fail(sora_result code, const char* text) noexcept {
  const size_t size = std::min(std::strlen(text), sizeof(last_error.text));
  std::memcpy(last_error.text, text, size);
  last_error.size = static_cast<uint32_t>(size);
  return code;
}

}  // namespace sora

SORA_EXPORT int32_t sora_last_error(uint8_t* buffer, uint32_t size) {
  using sora::last_error;
  if (buffer && size) std::memcpy(buffer, last_error.text, std::min(size, last_error.size));
  return static_cast<int32_t>(last_error.size);
}
