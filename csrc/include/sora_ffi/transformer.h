/* Encoded transforms (W3C WebRTC Encoded Transform): frames between encoder and packetizer, or depacketizer and decoder. */
#ifndef SORA_FFI_TRANSFORMER_H
#define SORA_FFI_TRANSFORMER_H

#include "result.h"

/* Makes a transformer for audio (video 0) or video (video 1). It buffers at most capacity frames (1 to 1,024); older ones are
 * dropped and counted. SORA_EVENT_READABLE comes for it as for a sink. It serves one sender or one track. */
SORA_EXPORT int32_t sora_transformer_create(uint32_t factory, uint32_t video, uint32_t capacity, uint32_t* out_transformer);

/* Inserts a transformer after the encoder of the sender on media description mid; call it after sora_peer_add_sender. Result
 * text: empty. */
SORA_EXPORT int32_t sora_peer_set_sender_transformer(uint32_t peer, const uint8_t* mid, uint32_t mid_size,
                                                     uint32_t transformer, uint32_t request);

/* Inserts a transformer before the decoder of a remote track. */
SORA_EXPORT int32_t sora_track_set_transformer(uint32_t track, uint32_t transformer);

/* The direction of an encoded frame. */
typedef enum sora_frame_direction {
  SORA_FRAME_DIRECTION_UNKNOWN = 0,
  SORA_FRAME_DIRECTION_SENDER = 1,
  SORA_FRAME_DIRECTION_RECEIVER = 2
} sora_frame_direction;

/* The content of an encoded audio frame. */
typedef enum sora_audio_frame_type {
  SORA_AUDIO_FRAME_TYPE_EMPTY = 0,
  SORA_AUDIO_FRAME_TYPE_SPEECH = 1,
  SORA_AUDIO_FRAME_TYPE_CN = 2 /* comfort noise */
} sora_audio_frame_type;

/* What sora_transformer_take writes into info, as f64; NaN if unknown or not applicable to this kind of frame. After
 * SORA_TRANSFORMER_INFO_COUNT follow the identifiers of the frames it depends on, then its contributing sources. */
typedef enum sora_transformer_info {
  SORA_TRANSFORMER_INFO_FRAME = 0,     /* the encoded frame's handle */
  SORA_TRANSFORMER_INFO_SIZE = 1,      /* bytes of its data */
  SORA_TRANSFORMER_INFO_DROPPED = 2,   /* frames dropped since the transformer was made */
  SORA_TRANSFORMER_INFO_DIRECTION = 3, /* a sora_frame_direction */
  SORA_TRANSFORMER_INFO_MIME_TYPE = 4, /* changes when sora_encoded_frame_mime_type differs from that of the frame before;
                                        * 1 for the first frame */
  SORA_TRANSFORMER_INFO_PAYLOAD_TYPE = 5,
  SORA_TRANSFORMER_INFO_SSRC = 6,
  SORA_TRANSFORMER_INFO_RTP_TIMESTAMP = 7,         /* in the codec's clock */
  SORA_TRANSFORMER_INFO_AUDIO_TYPE = 8,            /* audio: a sora_audio_frame_type */
  SORA_TRANSFORMER_INFO_SEQUENCE_NUMBER = 9,       /* received audio */
  SORA_TRANSFORMER_INFO_CAPTURE_TIME_MS = 10,      /* sent audio: when it was captured, Unix ms */
  SORA_TRANSFORMER_INFO_RECEIVE_TIME_MS = 11,      /* received audio: when it was received, Unix ms */
  SORA_TRANSFORMER_INFO_AUDIO_LEVEL = 12,          /* audio: -dBov, 0 to 127 (RFC 6464) */
  SORA_TRANSFORMER_INFO_KEY_FRAME = 13,            /* video: 1 if it can be decoded on its own, else 0 */
  SORA_TRANSFORMER_INFO_FRAME_ID = 14,             /* video */
  SORA_TRANSFORMER_INFO_WIDTH = 15,                /* video: pixels; 0: unknown */
  SORA_TRANSFORMER_INFO_HEIGHT = 16,               /* video: pixels; 0: unknown */
  SORA_TRANSFORMER_INFO_SPATIAL_INDEX = 17,        /* video */
  SORA_TRANSFORMER_INFO_TEMPORAL_INDEX = 18,       /* video; 255 without layers */
  SORA_TRANSFORMER_INFO_DEPENDENCIES = 19,         /* how many frame identifiers follow */
  SORA_TRANSFORMER_INFO_CONTRIBUTING_SOURCES = 20, /* how many contributing sources follow */
  SORA_TRANSFORMER_INFO_COUNT = 21
} sora_transformer_info;

/* Takes the oldest frame; its handle is info[0] and must be enqueued or released. info has room for size numbers, at least
 * SORA_TRANSFORMER_INFO_COUNT; the lists after it are cut at size, and their counts are of what is written.
 * SORA_ERROR_WOULD_BLOCK if there is no frame; SORA_ERROR_LIMIT if 1,024 frames of this transformer are held. */
SORA_EXPORT int32_t sora_transformer_take(uint32_t transformer, double* info, uint32_t size);

/* Passes a frame on and closes its handle. */
SORA_EXPORT int32_t sora_transformer_enqueue(uint32_t transformer, uint32_t frame);

/* From now on frames pass unmodified; those that are buffered are passed on. */
SORA_EXPORT int32_t sora_transformer_start_short_circuiting(uint32_t transformer);

/* Closes a transformer; frames pass unmodified from now on. */
SORA_EXPORT int32_t sora_transformer_close(uint32_t transformer);

/* Copies the data of a frame into buffer, cut at size; returns its full length in bytes. */
SORA_EXPORT int32_t sora_encoded_frame_data(uint32_t frame, uint8_t* buffer, uint32_t size);

/* Replaces the data of a frame with any other data, at most 16 MiB. */
SORA_EXPORT int32_t sora_encoded_frame_set_data(uint32_t frame, const uint8_t* data, uint32_t size);

/* Writes the MIME type of a frame's codec ("video/VP8") into buffer, cut at size; returns its full length in bytes. */
SORA_EXPORT int32_t sora_encoded_frame_mime_type(uint32_t frame, uint8_t* buffer, uint32_t size);

/* Drops a frame. */
SORA_EXPORT int32_t sora_encoded_frame_release(uint32_t frame);

#endif
