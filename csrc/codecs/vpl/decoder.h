// Decoding by VPL: VP9, AV1, H264 and H265 in 8-bit 4:2:0, each frame in the call that it is given to.
#ifndef SORA_CODECS_VPL_DECODER_H
#define SORA_CODECS_VPL_DECODER_H

#include <memory>

#include "codecs/vpl/library.h"

namespace sora {

std::unique_ptr<DecoderSession> OpenVplDecoder(std::shared_ptr<VplDevice> device, const HardwareCodec& codec);

}  // namespace sora

#endif
