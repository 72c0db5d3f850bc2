// AV1 decoding by libaom.
#ifndef SORA_CODECS_INTERNAL_LIBAOM_DECODER_H
#define SORA_CODECS_INTERNAL_LIBAOM_DECODER_H

#include <memory>

#include "api/video_codecs/video_decoder.h"

namespace sora {

std::unique_ptr<webrtc::VideoDecoder> CreateLibaomDecoder();

}  // namespace sora

#endif
