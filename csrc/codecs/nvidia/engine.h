// The engine NVIDIA_VIDEO_CODEC_SDK: NVENC and NVDEC of the driver that the machine has.
#ifndef SORA_CODECS_NVIDIA_ENGINE_H
#define SORA_CODECS_NVIDIA_ENGINE_H

#include "codecs/engine.h"

namespace sora {

EngineKind NvidiaEngineKind();

}  // namespace sora

#endif
