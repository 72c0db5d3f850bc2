// Pictures in the caller's memory: sizes, and conversion from and to I420 by libyuv.
#ifndef SORA_MEDIA_VIDEO_FORMAT_H
#define SORA_MEDIA_VIDEO_FORMAT_H

#include <cstddef>
#include <cstdint>

#include "api/video/i420_buffer.h"
#include "sora_ffi/video.h"

namespace sora {

struct VideoLayout {
  sora_video_format format;
  int width, height;
  int stride;   // of the first plane
  size_t size;  // bytes of the whole picture
};

// Checks everything and fills in a stride of 0; throws SORA_ERROR_INVALID_ARGUMENT with the numbers.
VideoLayout Layout(uint32_t format, uint32_t width, uint32_t height, uint32_t stride);

void Convert(const VideoLayout& layout, const uint8_t* from, webrtc::I420Buffer& to);
void Convert(const webrtc::I420BufferInterface& from, const VideoLayout& layout, uint8_t* to);

}  // namespace sora

#endif
