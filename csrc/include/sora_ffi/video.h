/* Video in and out: frames are converted once, natively, between the caller's buffer and I420. */
#ifndef SORA_FFI_VIDEO_H
#define SORA_FFI_VIDEO_H

#include "result.h"

/* Pixel formats, named by the order of the bytes in memory. stride is the distance between two rows of the first plane in
 * bytes, 0: tightly packed; the last row of a plane ends with its last pixel. I420: the U and V planes follow, each with
 * (height + 1) / 2 rows of (stride + 1) / 2 bytes. NV12: the UV plane follows, with rows of stride bytes rounded up to
 * even. */
typedef enum sora_video_format {
  SORA_VIDEO_FORMAT_BGR = 1,
  SORA_VIDEO_FORMAT_RGB = 2,
  SORA_VIDEO_FORMAT_BGRA = 3,
  SORA_VIDEO_FORMAT_RGBA = 4,
  SORA_VIDEO_FORMAT_I420 = 5,
  SORA_VIDEO_FORMAT_NV12 = 6
} sora_video_format;

/* The size of a frame in bytes (width and height 1 to 16,384), or SORA_ERROR_INVALID_ARGUMENT. */
SORA_EXPORT int32_t sora_video_frame_size(uint32_t format, uint32_t width, uint32_t height, uint32_t stride);

/* Makes a video source, which any number of peers of this factory may send. */
SORA_EXPORT int32_t sora_video_source_create(uint32_t factory, uint32_t* out_source);

/* Pushes a frame of at least 2 x 2 pixels (encoders produce nothing for a side of one pixel). rotation: the rotation for
 * display, 0, 90, 180 or 270 degrees clockwise; it is signaled to receivers (RTP extension video-orientation), or applied to
 * the pixels if it cannot be. timestamp_us: the capture time in microseconds on the caller's clock; below 0: now.
 * The last frame is kept: it is sent again if a receiver requests a key frame, if the source begins to be sent, or if it is
 * enabled or disabled, unless another frame follows within 100 ms.
 * Returns 1 if the frame was passed on, 0 if it was dropped because libwebrtc wants fewer frames. */
SORA_EXPORT int32_t sora_video_source_push(uint32_t source, const uint8_t* data, uint32_t size, uint32_t width,
                                           uint32_t height, uint32_t stride, uint32_t format, uint32_t rotation,
                                           double timestamp_us);

/* Pushes a received frame with its rotation and capture time; its pixels are shared, not copied, and the frame stays open.
 * Returns as sora_video_source_push; a frame with a side of one pixel is dropped. */
SORA_EXPORT int32_t sora_video_source_push_frame(uint32_t source, uint32_t frame);

/* Closes the source; peers that send it get no more frames. */
SORA_EXPORT int32_t sora_video_source_close(uint32_t source);

/* Makes a sink for the frames of a remote track. It buffers the newest capacity frames (1 to 32); older ones are dropped and
 * counted. */
SORA_EXPORT int32_t sora_video_sink_create(uint32_t track, uint32_t capacity, uint32_t* out_sink);

/* What sora_video_sink_take writes into info, as f64. */
typedef enum sora_video_info {
  SORA_VIDEO_INFO_FRAME = 0,           /* the frame's handle */
  SORA_VIDEO_INFO_WIDTH = 1,           /* pixels, before rotation */
  SORA_VIDEO_INFO_HEIGHT = 2,          /* pixels, before rotation */
  SORA_VIDEO_INFO_ROTATION = 3,        /* 0, 90, 180 or 270 degrees clockwise, to be applied for display */
  SORA_VIDEO_INFO_TIMESTAMP_US = 4,    /* microseconds on a monotonic clock, spaced as captured */
  SORA_VIDEO_INFO_RTP_TIMESTAMP = 5,   /* 90 kHz */
  SORA_VIDEO_INFO_CAPTURE_TIME_MS = 6, /* absolute capture time, Unix ms; below 0: unknown */
  SORA_VIDEO_INFO_DROPPED = 7,         /* frames dropped since the sink was made */
  SORA_VIDEO_INFO_COUNT = 8
} sora_video_info;

/* Takes the oldest frame of the sink; its handle is info[0] and must be released. SORA_ERROR_WOULD_BLOCK if there is none;
 * SORA_ERROR_LIMIT if 32 frames of this sink are held already: SORA_EVENT_READABLE follows as soon as one is released, in
 * any realm (thread). */
SORA_EXPORT int32_t sora_video_sink_take(uint32_t sink, double* info);

/* Frames dropped since the sink was made, at most 2,147,483,647. */
SORA_EXPORT int32_t sora_video_sink_dropped(uint32_t sink);

/* Detaches the sink from its track and drops the buffered frames. Those that were taken stay until they are released. */
SORA_EXPORT int32_t sora_video_sink_close(uint32_t sink);

/* Converts a frame into buffer. upright: 1 applies its rotation, which swaps width and height at 90 and 270 degrees; 0 does
 * not. SORA_ERROR_BUFFER_TOO_SMALL unless size is at least sora_video_frame_size(format, width, height, stride). */
SORA_EXPORT int32_t sora_video_frame_copy(uint32_t frame, uint32_t format, uint8_t* buffer, uint32_t size, uint32_t stride,
                                          uint32_t upright);

/* Gives a frame a new handle and closes its old one: whoever knows the new handle, in any realm (thread), is its only owner.
 * Writes info as sora_video_sink_take does, with 0 dropped frames. */
SORA_EXPORT int32_t sora_video_frame_transfer(uint32_t frame, double* info);

/* Releases a frame and closes its handle. */
SORA_EXPORT int32_t sora_video_frame_release(uint32_t frame);

#endif
