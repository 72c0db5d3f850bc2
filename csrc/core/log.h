// libwebrtc's log on its way to JavaScript: redacted, bounded in length and rate.
#ifndef SORA_CORE_LOG_H
#define SORA_CORE_LOG_H

#include <memory>
#include <string>
#include <string_view>

#include "core/event_queue.h"
#include "sora_ffi/log.h"

namespace sora {

// Replaces what follows words such as password, token or key by "***".
std::string Redact(std::string_view line);

void EnableLog(std::shared_ptr<EventQueue> queue, sora_log_severity severity);
// Ends the log if it goes to this queue.
void ForgetLog(const EventQueue& queue);
void WriteLog(sora_log_severity severity, std::string_view text);

}  // namespace sora

#endif
