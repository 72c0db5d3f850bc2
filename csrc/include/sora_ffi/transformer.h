/* Encoded transforms (W3C WebRTC Encoded Transform): frames between encoder and packetizer, or depacketizer and decoder. */
#ifndef SORA_FFI_TRANSFORMER_H
#define SORA_FFI_TRANSFORMER_H

#include "result.h"

/* Makes a transformer for audio (video 0) or video (video 1). Frames wait in it, at most capacity (1 to 1,024); the oldest is
 * dropped and counted. SORA_EVENT_READABLE comes for it as for a sink. It serves one sender or one track. */
SORA_EXPORT int32_t sora_transformer_create(uint32_t factory, uint32_t video, uint32_t capacity, uint32_t* out_transformer);

/* Puts a transformer behind the encoder of the sender on media description mid, after sora_peer_add_sender. Result text:
 * empty. */
SORA_EXPORT int32_t sora_peer_set_sender_transformer(uint32_t peer, const uint8_t* mid, uint32_t mid_size,
                                                     uint32_t transformer, uint32_t request);

/* Puts a transformer before the decoder of a remote track. */
SORA_EXPORT int32_t sora_track_set_transformer(uint32_t track, uint32_t transformer);

/* What sora_transformer_take writes into info, as f64. */
typedef enum sora_transformer_info {
  SORA_TRANSFORMER_INFO_FRAME = 0,   /* the encoded frame's handle */
  SORA_TRANSFORMER_INFO_SIZE = 1,    /* bytes of its data */
  SORA_TRANSFORMER_INFO_DROPPED = 2, /* frames dropped since the transformer was made */
  SORA_TRANSFORMER_INFO_COUNT = 3
} sora_transformer_info;

/* Takes the oldest frame; its handle is info[0] and must be enqueued or released. SORA_ERROR_WOULD_BLOCK when there is none;
 * SORA_ERROR_LIMIT when 1,024 frames of this transformer are held. */
SORA_EXPORT int32_t sora_transformer_take(uint32_t transformer, double* info);

/* Lets a frame go on its way. The frame's handle is closed. */
SORA_EXPORT int32_t sora_transformer_enqueue(uint32_t transformer, uint32_t frame);

/* From now on frames pass by untouched; what waits goes on its way. */
SORA_EXPORT int32_t sora_transformer_start_short_circuiting(uint32_t transformer);

/* Closes a transformer; frames pass by untouched from now on. */
SORA_EXPORT int32_t sora_transformer_close(uint32_t transformer);

/* Copies the data of a frame into buffer, cut at size; returns its whole length in bytes. */
SORA_EXPORT int32_t sora_encoded_frame_data(uint32_t frame, uint8_t* buffer, uint32_t size);

/* Replaces the data of a frame, shorter or longer, at most 16 MiB. */
SORA_EXPORT int32_t sora_encoded_frame_set_data(uint32_t frame, const uint8_t* data, uint32_t size);

/* Writes a JSON object about a frame into buffer, cut at size; returns its whole length. {"direction": "sender"|"receiver"|
 * "unknown", "mimeType", "payloadType", "ssrc", "rtpTimestamp", "contributingSources"}, for audio "sequenceNumber"?,
 * "absoluteCaptureTimestamp"? (Unix ms, of what is sent), "receiveTime"? (Unix ms, of what is received),
 * "type": "empty"|"speech"|"cn", for video "isKeyFrame", "frameId"?, "frameDependencies", "width", "height", "spatialIndex", "temporalIndex". */
SORA_EXPORT int32_t sora_encoded_frame_metadata(uint32_t frame, uint8_t* buffer, uint32_t size);

/* Drops a frame. */
SORA_EXPORT int32_t sora_encoded_frame_release(uint32_t frame);

#endif
