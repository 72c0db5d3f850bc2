/* Video codecs: which engines there are, and what each can do on this machine. */
#ifndef SORA_FFI_CODECS_H
#define SORA_FFI_CODECS_H

#include "result.h"

/* options: JSON object, may be empty (size 0): {"openh264"?: path of OpenH264's library}.
 * Writes a JSON object into buffer, cut at size; returns its whole length in bytes: {"engines": [{"name": "INTERNAL", "codecs":
 * [{"type": "VP8", "encoder": true, "decoder": true}, ...], "parameters": {...}}, ...], "unavailable": [{"name", "reason"}, ...]},
 * the engines that can do something here, and the others that are known. SORA_ERROR_UNSUPPORTED when the library that options
 * name cannot be used, with the reason. */
SORA_EXPORT int32_t sora_codec_capabilities(const uint8_t* options, uint32_t options_size, uint8_t* buffer, uint32_t size);

#endif
