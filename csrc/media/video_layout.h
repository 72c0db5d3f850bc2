// The layout of a frame in the caller's memory.
#ifndef SORA_MEDIA_VIDEO_LAYOUT_H
#define SORA_MEDIA_VIDEO_LAYOUT_H

#include <cstddef>

#include "sora_ffi/video.h"

namespace sora {

struct VideoLayout {
  sora_video_format format;
  int width, height;
  int stride;   // of the first plane
  size_t size;  // bytes of the whole frame
};

}  // namespace sora

#endif
