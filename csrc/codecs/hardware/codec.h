// A codec as a device has it.
#ifndef SORA_CODECS_HARDWARE_CODEC_H
#define SORA_CODECS_HARDWARE_CODEC_H

#include <string>

#include "codecs/engine.h"
#include "codecs/hardware/session.h"

namespace sora {

// A codec that a device encodes or decodes.
struct HardwareCodec {
  std::string name;  // "VP8", "VP9", "AV1", "H264" or "H265"
  SizeLimits sizes;
  int h265_level = 0;       // the highest that the device states, as in SDP; 0: it states none
  Alignment alignment{};    // of frames that are encoded
  int temporal_layers = 1;  // that are encoded at most
};

}  // namespace sora

#endif
