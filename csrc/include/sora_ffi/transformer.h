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

/* Which way a frame goes. */
typedef enum sora_frame_direction {
  SORA_FRAME_DIRECTION_UNKNOWN = 0,
  SORA_FRAME_DIRECTION_SENDER = 1,
  SORA_FRAME_DIRECTION_RECEIVER = 2
} sora_frame_direction;

/* What a frame of audio holds. */
typedef enum sora_audio_frame_type {
  SORA_AUDIO_FRAME_TYPE_EMPTY = 0,
  SORA_AUDIO_FRAME_TYPE_SPEECH = 1,
  SORA_AUDIO_FRAME_TYPE_CN = 2 /* comfort noise */
} sora_audio_frame_type;

/* What sora_transformer_take writes into info, as f64: NaN for what is not known, or not said of this kind of frame. Behind
 * SORA_TRANSFORMER_INFO_COUNT come the numbers of the frames that it depends on, then its contributing sources. */
typedef enum sora_transformer_info {
  SORA_TRANSFORMER_INFO_FRAME = 0,     /* the encoded frame's handle */
  SORA_TRANSFORMER_INFO_SIZE = 1,      /* bytes of its data */
  SORA_TRANSFORMER_INFO_DROPPED = 2,   /* frames dropped since the transformer was made */
  SORA_TRANSFORMER_INFO_DIRECTION = 3, /* a sora_frame_direction */
  SORA_TRANSFORMER_INFO_MIME_TYPE = 4, /* another number when sora_encoded_frame_mime_type is another than that of the frame
                                        * before; 1 for the first */
  SORA_TRANSFORMER_INFO_PAYLOAD_TYPE = 5,
  SORA_TRANSFORMER_INFO_SSRC = 6,
  SORA_TRANSFORMER_INFO_RTP_TIMESTAMP = 7,         /* in the codec's clock */
  SORA_TRANSFORMER_INFO_AUDIO_TYPE = 8,            /* audio: a sora_audio_frame_type */
  SORA_TRANSFORMER_INFO_SEQUENCE_NUMBER = 9,       /* audio that is received */
  SORA_TRANSFORMER_INFO_CAPTURE_TIME_MS = 10,      /* audio that is sent: when it was captured, Unix ms */
  SORA_TRANSFORMER_INFO_RECEIVE_TIME_MS = 11,      /* audio that is received: when it came, Unix ms */
  SORA_TRANSFORMER_INFO_AUDIO_LEVEL = 12,          /* audio: -dBov, 0 to 127 (RFC 6464) */
  SORA_TRANSFORMER_INFO_KEY_FRAME = 13,            /* video: 1 if it can be decoded without any other, else 0 */
  SORA_TRANSFORMER_INFO_FRAME_ID = 14,             /* video */
  SORA_TRANSFORMER_INFO_WIDTH = 15,                /* video: pixels; 0 when it is not known */
  SORA_TRANSFORMER_INFO_HEIGHT = 16,               /* video: pixels; 0 when it is not known */
  SORA_TRANSFORMER_INFO_SPATIAL_INDEX = 17,        /* video */
  SORA_TRANSFORMER_INFO_TEMPORAL_INDEX = 18,       /* video; 255 without layers */
  SORA_TRANSFORMER_INFO_DEPENDENCIES = 19,         /* how many numbers of frames follow */
  SORA_TRANSFORMER_INFO_CONTRIBUTING_SOURCES = 20, /* how many contributing sources follow */
  SORA_TRANSFORMER_INFO_COUNT = 21
} sora_transformer_info;

/* Takes the oldest frame; its handle is info[0] and must be enqueued or released. info has room for size numbers, at least
 * SORA_TRANSFORMER_INFO_COUNT; the lists behind are cut there, and their counts are of what is written.
 * SORA_ERROR_WOULD_BLOCK when there is no frame; SORA_ERROR_LIMIT when 1,024 frames of this transformer are held. */
SORA_EXPORT int32_t sora_transformer_take(uint32_t transformer, double* info, uint32_t size);

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

/* Writes the MIME type of a frame's codec into buffer, "video/VP8" for instance, cut at size; returns its whole length. */
SORA_EXPORT int32_t sora_encoded_frame_mime_type(uint32_t frame, uint8_t* buffer, uint32_t size);

/* Drops a frame. */
SORA_EXPORT int32_t sora_encoded_frame_release(uint32_t frame);

#endif
