// The engine INTEL_VPL: the media engine of an Intel GPU through the machine's VPL runtime.
#ifndef SORA_CODECS_VPL_ENGINE_H
#define SORA_CODECS_VPL_ENGINE_H

#include "codecs/engine.h"

namespace sora {

EngineKind VplEngineKind();

}  // namespace sora

#endif
