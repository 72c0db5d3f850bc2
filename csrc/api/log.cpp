#include "sora_ffi/log.h"

#include "api/arguments.h"
#include "core/event_queue.h"
#include "core/log.h"

using namespace sora;

SORA_EXPORT int32_t sora_log_enable(uint32_t queue, uint32_t severity) {
  return Guard([&] {
    RequireRange("severity", severity, 0, SORA_LOG_SEVERITY_NONE);
    Find<EventQueue>(queue)->ReceiveLog(static_cast<sora_log_severity>(severity));
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_log_write(uint32_t severity, const uint8_t* text, uint32_t size) {
  return Guard([&] {
    RequireRange("severity", severity, 0, SORA_LOG_SEVERITY_NONE);
    Require(text || size == 0, "text is null");
    RequireRange("size", size, 0, 65'536);
    WriteLog(static_cast<sora_log_severity>(severity), {reinterpret_cast<const char*>(text), size});
    return SORA_OK;
  });
}
