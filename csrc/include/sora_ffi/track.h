/* Remote tracks (W3C Media Capture and Streams MediaStreamTrack). */
#ifndef SORA_FFI_TRACK_H
#define SORA_FFI_TRACK_H

#include "result.h"

/* Enables (1) or disables (0) a remote track, or the track of a local source. A disabled track is black or silent. */
SORA_EXPORT int32_t sora_track_set_enabled(uint32_t track_or_source, uint32_t enabled);

/* Copies the identifier of a remote track or of a local source's track into buffer, cut at size (buffer may be null); returns
 * its full length in bytes of UTF-8. Statistics call it trackIdentifier. */
SORA_EXPORT int32_t sora_track_id(uint32_t track_or_source, uint8_t* buffer, uint32_t size);

/* Releases a remote track; its sinks end. The peer continues to receive it. */
SORA_EXPORT int32_t sora_track_release(uint32_t track);

#endif
