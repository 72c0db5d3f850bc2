/* sora_ffi.h - C ABI of sora-ffi over libwebrtc: everything that TypeScript binds, and nothing else.
 *
 * Rules that hold for every function:
 *   - Arguments and results are integers (u32, i32), f64 and byte buffers. Buffers belong to the caller and are not kept
 *     after the call.
 *   - A function returns SORA_OK (0), a count (> 0) or a negative sora_result; sora_last_error() has the text of an error,
 *     until the next failing call on the same thread.
 *   - Native objects are handles (uint32_t, never 0). A handle that is closed, was never given or is of another kind fails
 *     with SORA_ERROR_CLOSED or SORA_ERROR_INVALID_HANDLE in every function; it never harms the process.
 *   - No function blocks on the network. sora_queue_wait waits; making a source waits for libwebrtc's signaling thread.
 *   - Every function may be called on any thread. Text is UTF-8 with its length in bytes, not terminated.
 *   - What takes time is a request: the caller chooses a number, and SORA_EVENT_REQUEST_DONE reports the result under it.
 *   - Closing a parent closes its children: factory -> peers, sources; peer -> tracks, data channels. Their handles then
 *     fail with SORA_ERROR_CLOSED. The sinks of a track end with it (SORA_EVENT_ENDED) and can be read until they are
 *     closed. Frames outlive all of these until they are released.
 *   - What a thread opens inside a realm (realm.h) is closed with the realm at the latest.
 */
#ifndef SORA_FFI_H
#define SORA_FFI_H

#include "sora_ffi/result.h"
#include "sora_ffi/realm.h"
#include "sora_ffi/queue.h"
#include "sora_ffi/factory.h"
#include "sora_ffi/peer.h"
#include "sora_ffi/data_channel.h"
#include "sora_ffi/track.h"
#include "sora_ffi/transport.h"
#include "sora_ffi/audio.h"
#include "sora_ffi/video.h"
#include "sora_ffi/codecs.h"
#include "sora_ffi/vad.h"
#include "sora_ffi/transformer.h"
#include "sora_ffi/log.h"

#endif
