// The engine AMD_AMF: the media engine of an AMD GPU through the machine's AMF runtime, which needs Vulkan.
#ifndef SORA_CODECS_AMF_ENGINE_H
#define SORA_CODECS_AMF_ENGINE_H

#include "codecs/engine.h"

namespace sora {

EngineKind AmfEngineKind();

}  // namespace sora

#endif
