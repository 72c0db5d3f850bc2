// Levels of H.265 as SDP writes them (RFC 7798): thirty times their number.
#ifndef SORA_CODECS_HARDWARE_H265_LEVEL_H
#define SORA_CODECS_HARDWARE_H265_LEVEL_H

#include <string>

#include "api/video_codecs/sdp_video_format.h"

namespace sora {

// The highest level of the standard.
constexpr int kHighestH265Level = 186;

// The lowest level whose frames may be so large (ITU-T H.265, table A.8); 0: none.
int H265LevelOf(int width, int height);

// The negotiated level; 0: the format has none.
int H265LevelOf(const webrtc::SdpVideoFormat& format);

// "5.1" for 153.
std::string H265LevelText(int level);

}  // namespace sora

#endif
