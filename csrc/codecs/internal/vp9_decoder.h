// VP9 by libvpx. libwebrtc's own decoder would allocate whatever memory a frame announces.
#ifndef SORA_CODECS_INTERNAL_VP9_DECODER_H
#define SORA_CODECS_INTERNAL_VP9_DECODER_H

#include <memory>

#include "api/video_codecs/video_decoder.h"

namespace sora {

std::unique_ptr<webrtc::VideoDecoder> CreateVp9Decoder();

}  // namespace sora

#endif
