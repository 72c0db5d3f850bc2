// The temporal layer of a coded frame, out of its bitstream.
#ifndef SORA_CODECS_HARDWARE_TEMPORAL_ID_H
#define SORA_CODECS_HARDWARE_TEMPORAL_ID_H

#include <cstdint>
#include <span>

#include "api/video/video_codec_type.h"

namespace sora {

// H264: of the prefix in front of a slice (ITU-T H.264, 7.3.1); AV1: of the extension of a frame's header (AV1, 5.3.3). -1: there is
// none, or the codec has no place for it.
int TemporalIdOf(webrtc::VideoCodecType codec, std::span<const uint8_t> frame);

}  // namespace sora

#endif
