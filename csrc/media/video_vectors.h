// Conversions of frames by vectors of 512 bits, bit for bit as libyuv's. Debian compiles libyuv with GCC, and most of its own
// code for such vectors is for clang alone.
#ifndef SORA_MEDIA_VIDEO_VECTORS_H
#define SORA_MEDIA_VIDEO_VECTORS_H

#include <cstdint>

#include "api/video/video_frame_buffer.h"
#include "media/i420_planes.h"
#include "media/video_layout.h"

namespace sora {

// Converts the left columns to BGR, RGB, BGRA or RGBA, as many as vectors hold, and returns their number, which is even: 0 when
// the format is another one or the processor has no such vectors.
int ConvertColumns(const webrtc::I420BufferInterface& from, const VideoLayout& layout, uint8_t* to);
// The same in the other direction.
int ConvertColumns(const VideoLayout& layout, const uint8_t* from, const I420Planes& to);

}  // namespace sora

#endif
