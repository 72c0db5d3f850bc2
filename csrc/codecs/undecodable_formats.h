// Formats that are received although nothing here decodes them: encoded transforms get their frames.
#ifndef SORA_CODECS_UNDECODABLE_FORMATS_H
#define SORA_CODECS_UNDECODABLE_FORMATS_H

#include <memory>
#include <vector>

#include "api/video_codecs/sdp_video_format.h"
#include "api/video_codecs/video_decoder.h"
#include "media/base/codec.h"

namespace sora {

using VideoFormats = std::vector<webrtc::SdpVideoFormat>;

// The format that offer and answer take for the same as an offered codec, or null. They are less strict than
// SdpVideoFormat::IsSameCodec: any level of AV1 will do.
const webrtc::SdpVideoFormat* Matching(const VideoFormats& formats, const cricket::Codec& offered);

// At least one of each codec that libwebrtc takes out of RTP, unless every profile of it is decoded. What is encoded is among
// them as it is, so that a payload type means the same in both directions.
VideoFormats UndecodableFormats(const VideoFormats& encoded, const VideoFormats& decoded);

// Takes every frame and delivers none. It reports no errors: libwebrtc would ask the sender for one key frame after the other.
std::unique_ptr<webrtc::VideoDecoder> CreateSilentDecoder();

}  // namespace sora

#endif
