// The engine INTERNAL, which is linked into the library: VP8 and VP9 by libvpx, AV1 by libaom; AV1 is decoded by dav1d where the
// machine has it.
#ifndef SORA_CODECS_INTERNAL_ENGINE_H
#define SORA_CODECS_INTERNAL_ENGINE_H

#include "codecs/engine.h"

namespace sora {

EngineKind InternalEngineKind();
std::unique_ptr<CodecEngine> CreateInternalEngine();

}  // namespace sora

#endif
