#include "sora_ffi/log.h"

#include "core/event_queue.h"
#include "core/log.h"

using namespace sora;

SORA_EXPORT int32_t sora_log_enable(uint32_t queue, uint32_t severity) {
  return Guard([&] {
    Require(severity <= SORA_LOG_SEVERITY_NONE, "severity must be 0 to 4");
    Find<EventQueue>(queue)->ReceiveLog(static_cast<sora_log_severity>(severity));
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_log_write(uint32_t severity, const uint8_t* text, uint32_t size) {
  return Guard([&] {
    Require(severity <= SORA_LOG_SEVERITY_NONE, "severity must be 0 to 4");
    Require(text || size == 0, "text is null");
    Require(size <= 65'536, "size must be at most 65,536 bytes");
    WriteLog(static_cast<sora_log_severity>(severity), {reinterpret_cast<const char*>(text), size});
    return SORA_OK;
  });
}
