/* JavaScript realms: who owns what is open, so that nothing outlives the JavaScript that opened it.
 *
 * A Worker that is terminated closes nothing by itself, nor does a program that its runtime loads again. What a thread opens
 * inside a realm (queues, factories and all that is theirs, sinks, transformers, frames, voice detectors) belongs to the realm
 * and is closed with it: queues first, so that no wake-up of theirs is called any more, then the rest. A realm ends
 *   - when its thread ends,
 *   - when another one begins on its thread, because a thread runs one at a time,
 *   - a second after sora_realm_leave.
 * What a thread opens outside of realms is open until it is closed. A frame between two calls of sora_video_frame_transfer is
 * on its way to another realm: the newest 32 of them outlive the realm that they come from. */
#ifndef SORA_FFI_REALM_H
#define SORA_FFI_REALM_H

#include "result.h"

/* Begins a realm on this thread, and ends the one before it. key: a number of the caller's, not 0, that tells realms of one
 * thread from each other; with the key of the present one nothing happens. */
SORA_EXPORT int32_t sora_realm_enter(uint32_t key);

/* Says that the realm with this key is about to go; what is open stays usable for what its program still does. Nothing happens
 * when it is not the one of this thread. */
SORA_EXPORT int32_t sora_realm_leave(uint32_t key);

#endif
