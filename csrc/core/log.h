// libwebrtc's log on its way to JavaScript: redacted, bounded in length and rate.
#ifndef SORA_CORE_LOG_H
#define SORA_CORE_LOG_H

#include <functional>
#include <string>
#include <string_view>

#include "sora_ffi/log.h"

namespace sora {

// Replaces what follows words such as password, token or key by "***".
std::string Redact(std::string_view line);

// Receives a line, on any thread; false when it had to be dropped.
using WriteLine = std::function<bool(sora_log_severity severity, std::string_view line)>;

// Sends the lines of this severity and above to `write`, in place of the owner before; SORA_LOG_SEVERITY_NONE ends the log.
void EnableLog(const void* owner, WriteLine write, sora_log_severity severity);
// Ends the log if it belongs to this owner. `write` is not called any more after this returns.
void DisableLog(const void* owner);
// Writes a line into libwebrtc's log.
void WriteLog(sora_log_severity severity, std::string_view text);

}  // namespace sora

#endif
