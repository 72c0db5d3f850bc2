/* The factory: libwebrtc's threads, codecs and audio pipeline, without an audio device. */
#ifndef SORA_FFI_FACTORY_H
#define SORA_FFI_FACTORY_H

#include "result.h"

/* Makes a factory that reports to queue. options: JSON object, may be empty (size 0); unknown keys are refused:
 * {"raiseThreads"?: false lets the threads have the priority of the process, see sora_thread_priorities,
 * "openh264"?: path of OpenH264's library,
 * "codecs"?: [{"type": "VP8"|"VP9"|"AV1"|"H264"|"H265", "encoder"?: engine, "decoder"?: engine,
 * "fallbackEncoder"?: engine, "fallbackDecoder"?: engine}]}.
 * With "codecs" only these exist, each direction served by the named engine (see sora_codec_capabilities); without, those
 * that are built into the library. A fallback serves where the engine is not available, and takes over when it fails in
 * mid-stream (SORA_EVENT_CODEC_FAILED); then only formats that both have are negotiated. SORA_ERROR_UNSUPPORTED, with the reason, when an engine cannot do what is requested. */
SORA_EXPORT int32_t sora_factory_create(uint32_t queue, const uint8_t* options, uint32_t options_size,
                                        uint32_t* out_factory);

/* Closes the factory and everything made from it. Returns at once; SORA_EVENT_CLOSED follows when its threads are gone. */
SORA_EXPORT int32_t sora_factory_close(uint32_t factory);

/* Writes the priorities that the threads of a factory get here as a JSON object {"audio", "network", "decoder", "encoder"}, of texts
 * such as "nice -8" and "real-time 1", into buffer, cut at size; returns its full length in bytes. More than "nice 0" takes
 * CAP_SYS_NICE, RLIMIT_RTPRIO or RLIMIT_NICE. */
SORA_EXPORT int32_t sora_thread_priorities(uint8_t* buffer, uint32_t size);

/* SORA_ERROR_LIMIT, with advice, unless the system can start the threads that a connection needs, or could half a second ago. A peer
 * checks again and fails its first offer with the same error; threads that are missing later only make a connection slower. */
SORA_EXPORT int32_t sora_factory_check_threads(uint32_t factory);

#endif
