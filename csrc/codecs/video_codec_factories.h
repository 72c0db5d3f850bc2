// The video codecs inside the library: libvpx's VP8 and VP9.
#ifndef SORA_CODECS_VIDEO_CODEC_FACTORIES_H
#define SORA_CODECS_VIDEO_CODEC_FACTORIES_H

#include <memory>

#include "api/video_codecs/video_decoder_factory.h"
#include "api/video_codecs/video_encoder_factory.h"

namespace sora {

std::unique_ptr<webrtc::VideoEncoderFactory> CreateVideoEncoderFactory();
std::unique_ptr<webrtc::VideoDecoderFactory> CreateVideoDecoderFactory();

}  // namespace sora

#endif
