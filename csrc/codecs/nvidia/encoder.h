// Encoding by NVENC: AV1, H264 and H265 at a constant bit rate, each frame in the call that it is given to.
#ifndef SORA_CODECS_NVIDIA_ENCODER_H
#define SORA_CODECS_NVIDIA_ENCODER_H

#include <memory>
#include <vector>

#include "codecs/hardware/engine.h"
#include "codecs/nvidia/device.h"

namespace sora {

// What the device encodes. Throws HardwareFailure when it has no encoder, or none is free.
std::vector<HardwareCodec> NvEncoders(const NvDevice& device);

std::unique_ptr<EncoderSession> OpenNvEncoder(std::shared_ptr<NvDevice> device, const EncoderSettings& settings);

}  // namespace sora

#endif
