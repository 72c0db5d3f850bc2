/* Video codecs: the engines of this library, and what each can do on this machine. */
#ifndef SORA_FFI_CODECS_H
#define SORA_FFI_CODECS_H

#include "result.h"

/* options: JSON object, may be empty (size 0): {"openh264"?: path of OpenH264's library}.
 * Writes a JSON object into buffer, cut at size, and returns its full length in bytes:
 * {"engines": [{"name": "INTERNAL", "codecs": [{"type": "VP8", "encoder": true, "decoder": true, "encoderSizes"?: {"minWidth",
 * "minHeight", "maxWidth", "maxHeight"}, "decoderSizes"?: {...}}, ...], "parameters": {...}}, ...], "unavailable": [{"name",
 * "reason"}, ...]}: the engines that are available, with the limits of their devices, and the other known ones. Opens the drivers
 * of all of them. SORA_ERROR_UNSUPPORTED, with the reason, when the library that options name is not usable. */
SORA_EXPORT int32_t sora_codec_capabilities(const uint8_t* options, uint32_t options_size, uint8_t* buffer, uint32_t size);

#endif
