// Formats that are received although no engine decodes them: encoded transforms get their frames.
#ifndef SORA_CODECS_UNDECODABLE_FORMATS_H
#define SORA_CODECS_UNDECODABLE_FORMATS_H

#include <memory>
#include <vector>

#include "api/video_codecs/sdp_video_format.h"
#include "api/video_codecs/video_decoder.h"
#include "media/base/codec.h"

namespace sora {

using VideoFormats = std::vector<webrtc::SdpVideoFormat>;

// What is encoded and decoded here, and what is only received.
struct VideoAbilities {
  VideoFormats encoded, decoded, undecodable;
};

// The format that matches an offered codec in negotiation, or null. Less strict than SdpVideoFormat::IsSameCodec: any level of
// AV1 matches.
const webrtc::SdpVideoFormat* Matching(const VideoFormats& formats, const cricket::Codec& offered);

// At least one format of each codec that libwebrtc depacketizes, unless every profile of it is decoded. Encoded formats are
// included unmodified, so that a payload type means the same in both directions.
VideoFormats UndecodableFormats(const VideoFormats& encoded, const VideoFormats& decoded);

// Accepts every frame and delivers none. It reports no errors: libwebrtc would request one key frame after another.
std::unique_ptr<webrtc::VideoDecoder> CreateSilentDecoder();

}  // namespace sora

#endif
