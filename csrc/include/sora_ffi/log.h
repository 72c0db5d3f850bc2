/* libwebrtc's log, of the whole process: its lines come as events, in order. */
#ifndef SORA_FFI_LOG_H
#define SORA_FFI_LOG_H

#include "result.h"

typedef enum sora_log_severity {
  SORA_LOG_SEVERITY_VERBOSE = 0,
  SORA_LOG_SEVERITY_INFO = 1,
  SORA_LOG_SEVERITY_WARNING = 2,
  SORA_LOG_SEVERITY_ERROR = 3,
  SORA_LOG_SEVERITY_NONE = 4
} sora_log_severity;

/* Sends lines of this severity and above to queue as SORA_EVENT_LOG, in place of any queue before, until it is closed; NONE
 * ends the log. At most 1,000 lines per second pass, each cut to 4,096 bytes; one line reports the beginning of a gap, and the line after the gap
 * states how many were left out. Values after words such as password, pwd, credential, token, secret or key are replaced by
 * "***". */
SORA_EXPORT int32_t sora_log_enable(uint32_t queue, uint32_t severity);

/* Writes a line into libwebrtc's log. */
SORA_EXPORT int32_t sora_log_write(uint32_t severity, const uint8_t* text, uint32_t size);

#endif
