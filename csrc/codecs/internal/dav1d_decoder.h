// AV1 decoding by dav1d, opened at run time: Debian has no static library of it.
#ifndef SORA_CODECS_INTERNAL_DAV1D_DECODER_H
#define SORA_CODECS_INTERNAL_DAV1D_DECODER_H

#include <memory>
#include <string>

#include "api/video_codecs/video_decoder.h"

namespace sora {

// Null when the machine has no dav1d that can be used.
std::unique_ptr<webrtc::VideoDecoder> CreateDav1dDecoder();

// Empty when the machine has no dav1d that can be used.
std::string Dav1dVersion();

}  // namespace sora

#endif
