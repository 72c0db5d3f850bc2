// Encoding by VPL: AV1, H264, H265 and VP9 at a constant bit rate, each frame in the call that it is given to.
#ifndef SORA_CODECS_VPL_ENCODER_H
#define SORA_CODECS_VPL_ENCODER_H

#include <memory>

#include "codecs/vpl/library.h"

namespace sora {

// How many temporal layers the device encodes at most, 1 to 3: what it says to being asked for them, without opening an encoder.
int VplTemporalLayers(const VplSession& session, EncoderSettings settings);

std::unique_ptr<EncoderSession> OpenVplEncoder(std::shared_ptr<VplDevice> device, const EncoderSettings& settings);

}  // namespace sora

#endif
