// Encoding by AMF: AV1, H264 and H265 at a constant bit rate, each frame in the call that it is given to.
#ifndef SORA_CODECS_AMF_ENCODER_H
#define SORA_CODECS_AMF_ENCODER_H

#include <memory>
#include <string>

#include "codecs/amf/library.h"

namespace sora {

// What the device encodes of a codec. Throws HardwareFailure when it has none of this name.
HardwareCodec AmfEncoderCapability(const AmfContext& context, const std::string& codec);

std::unique_ptr<EncoderSession> OpenAmfEncoder(std::shared_ptr<AmfDevice> device, const EncoderSettings& settings);

}  // namespace sora

#endif
