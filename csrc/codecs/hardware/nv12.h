// Frames on their way to and from a device, which has NV12: a plane of luma, and one of interleaved chroma.
#ifndef SORA_CODECS_HARDWARE_NV12_H
#define SORA_CODECS_HARDWARE_NV12_H

#include <cstdint>

#include "api/video/i420_buffer.h"
#include "api/video/video_frame_buffer.h"

namespace sora {

// Memory of a driver for a frame.
struct Nv12 {
  uint8_t* y;
  int stride_y;
  uint8_t* uv;
  int stride_uv;
};

// Writes the middle of a frame in any format, in this size, which is even and none larger; false when it cannot be converted.
bool WriteNv12(webrtc::VideoFrameBuffer& from, const Nv12& to, int width, int height);

// Writes a frame of the device, in the size of `to`, in one pass.
void ReadNv12(const Nv12& from, webrtc::I420Buffer& to);

}  // namespace sora

#endif
