// How SDP names what a device can do.
#ifndef SORA_CODECS_HARDWARE_FORMATS_H
#define SORA_CODECS_HARDWARE_FORMATS_H

#include <string>
#include <vector>

#include "api/video_codecs/h264_profile_level_id.h"
#include "api/video_codecs/sdp_video_format.h"

namespace sora {

// The formats of a codec in 8-bit 4:2:0: the profiles of H264 from constrained baseline to high; H265 at the highest level of
// the device, as in SDP (level * 30).
std::vector<webrtc::SdpVideoFormat> HardwareFormats(const std::string& codec, bool encoder, int h265_level);

// The negotiated profile of H264.
webrtc::H264Profile ProfileOf(const webrtc::SdpVideoFormat& format);

}  // namespace sora

#endif
