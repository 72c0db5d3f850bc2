// Decoding by NVDEC: VP8, VP9, AV1, H264 and H265 in 8-bit 4:2:0, through the driver's own parser.
#ifndef SORA_CODECS_NVIDIA_DECODER_H
#define SORA_CODECS_NVIDIA_DECODER_H

#include <memory>
#include <vector>

#include "codecs/hardware/engine.h"
#include "codecs/nvidia/device.h"

namespace sora {

// What the device decodes. Throws HardwareFailure.
std::vector<HardwareCodec> NvDecoders(const NvDevice& device);

std::unique_ptr<DecoderSession> OpenNvDecoder(std::shared_ptr<NvDevice> device, const HardwareCodec& codec);

}  // namespace sora

#endif
