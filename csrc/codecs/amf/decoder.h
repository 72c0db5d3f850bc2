// Decoding by AMF: VP9, AV1, H264 and H265 in 8-bit 4:2:0, each frame in the call that it is given to.
#ifndef SORA_CODECS_AMF_DECODER_H
#define SORA_CODECS_AMF_DECODER_H

#include <memory>
#include <string>

#include "codecs/amf/library.h"

namespace sora {

// What the device decodes of a codec. Throws HardwareFailure when it has none of this name.
HardwareCodec AmfDecoderCapability(const AmfContext& context, const std::string& codec);

std::unique_ptr<DecoderSession> OpenAmfDecoder(std::shared_ptr<AmfDevice> device, const HardwareCodec& codec);

}  // namespace sora

#endif
