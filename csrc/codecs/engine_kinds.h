// The list of engines: its source is the only place that includes the folders of engines.
#ifndef SORA_CODECS_ENGINE_KINDS_H
#define SORA_CODECS_ENGINE_KINDS_H

#include <vector>

#include "codecs/engine.h"

namespace sora {

// In the order of precedence. Tests may add to it before the first use.
std::vector<EngineKind>& EngineKinds();

}  // namespace sora

#endif
