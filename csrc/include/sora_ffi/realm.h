/* JavaScript realms: the owners of what is open, so that nothing outlives the JavaScript that opened it.
 *
 * A Worker that is terminated closes nothing by itself, nor does a program that its runtime reloads. What a thread opens
 * inside a realm (queues, factories and everything below them, sinks, transformers, frames, voice detectors) belongs to the
 * realm and is closed with it: queues first, so that their wake-ups are not called any more, then the rest. A realm ends
 *   - when its thread ends,
 *   - when another one begins on its thread, because a thread runs one at a time,
 *   - a second after sora_realm_leave.
 * What a thread opens outside of realms stays open until it is closed. A frame between two calls of
 * sora_video_frame_transfer is on its way to another realm: the newest 32 of these outlive the realm they come from. */
#ifndef SORA_FFI_REALM_H
#define SORA_FFI_REALM_H

#include "result.h"

/* Begins a realm on this thread and ends the one before it. key: a number other than 0 that distinguishes the realms of one
 * thread; with the key of the present realm nothing happens. */
SORA_EXPORT int32_t sora_realm_enter(uint32_t key);

/* Announces the end of the realm with this key; what is open stays usable for another second. Nothing happens unless it is
 * the realm of this thread. */
SORA_EXPORT int32_t sora_realm_leave(uint32_t key);

#endif
