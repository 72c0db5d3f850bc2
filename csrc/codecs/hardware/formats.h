// How SDP names what a device can do.
#ifndef SORA_CODECS_HARDWARE_FORMATS_H
#define SORA_CODECS_HARDWARE_FORMATS_H

#include <string>
#include <vector>

#include "api/video_codecs/h264_profile_level_id.h"
#include "api/video_codecs/sdp_video_format.h"

namespace sora {

// The formats of a codec in 8-bit 4:2:0: the profiles of H264 from constrained baseline to high; H265 at the highest level. A
// negotiated level is a limit that a stream stays below, and streams are offered at a level that most stay far below: what a device
// takes is decided by its sizes, and a device of level 5.1 is no worse for small frames under an offer of 6.0.
// temporal_layers: that an encoder has at most; 0: it is a decoder.
std::vector<webrtc::SdpVideoFormat> HardwareFormats(const std::string& codec, int temporal_layers);

// The negotiated profile of H264.
webrtc::H264Profile ProfileOf(const webrtc::SdpVideoFormat& format);

}  // namespace sora

#endif
