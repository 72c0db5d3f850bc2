// AV1 decoding: by dav1d when the machine has it, by libaom otherwise.
#ifndef SORA_CODECS_INTERNAL_AV1_DECODER_H
#define SORA_CODECS_INTERNAL_AV1_DECODER_H

#include <memory>

#include "api/video_codecs/video_decoder.h"

namespace sora {

std::unique_ptr<webrtc::VideoDecoder> CreateAv1Decoder();

}  // namespace sora

#endif
