// VP8 by libwebrtc's own decoder over libvpx, with a limit on the size of frames.
#ifndef SORA_CODECS_INTERNAL_VP8_DECODER_H
#define SORA_CODECS_INTERNAL_VP8_DECODER_H

#include <memory>

#include "api/video_codecs/sdp_video_format.h"
#include "api/video_codecs/video_decoder.h"

namespace sora {

std::unique_ptr<webrtc::VideoDecoder> CreateVp8Decoder(const webrtc::SdpVideoFormat& format);

}  // namespace sora

#endif
