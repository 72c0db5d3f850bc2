// Frames in the caller's memory: their layout, and conversion from and to I420 by libyuv.
#ifndef SORA_MEDIA_VIDEO_FORMAT_H
#define SORA_MEDIA_VIDEO_FORMAT_H

#include <cstdint>

#include "api/video/i420_buffer.h"
#include "api/video/video_rotation.h"
#include "media/i420_planes.h"
#include "media/video_layout.h"

namespace sora {

// Validates all arguments and replaces a stride of 0; throws SORA_ERROR_INVALID_ARGUMENT with the numbers.
VideoLayout Layout(uint32_t format, uint32_t width, uint32_t height, uint32_t stride);

// Degrees, clockwise; throws SORA_ERROR_INVALID_ARGUMENT.
webrtc::VideoRotation Rotation(uint32_t degrees);

// Wraps the caller's I420 for libwebrtc, without a copy; valid as long as the memory.
rtc::scoped_refptr<webrtc::I420BufferInterface> Wrap(const VideoLayout& i420, const uint8_t* from);

// Rotates a frame; the layout is I420 and has the size after rotation.
void Rotate(const webrtc::I420BufferInterface& from, webrtc::VideoRotation rotation, const VideoLayout& i420, uint8_t* to);
void Rotate(const webrtc::I420BufferInterface& from, webrtc::VideoRotation rotation, webrtc::I420Buffer& to);

void Convert(const VideoLayout& layout, const uint8_t* from, const I420Planes& to);
void Convert(const webrtc::I420BufferInterface& from, const VideoLayout& layout, uint8_t* to);

}  // namespace sora

#endif
