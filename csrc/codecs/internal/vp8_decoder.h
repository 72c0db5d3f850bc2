// VP8 by libvpx, without the post-processing that libwebrtc's own decoder asks for.
#ifndef SORA_CODECS_INTERNAL_VP8_DECODER_H
#define SORA_CODECS_INTERNAL_VP8_DECODER_H

#include <memory>

#include "api/video_codecs/video_decoder.h"

namespace sora {

std::unique_ptr<webrtc::VideoDecoder> CreateVp8Decoder();

}  // namespace sora

#endif
