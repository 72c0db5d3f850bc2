// The engine CISCO_OPENH264: H.264 by a library that the user provides. Nothing of it is shipped.
#ifndef SORA_CODECS_OPENH264_ENGINE_H
#define SORA_CODECS_OPENH264_ENGINE_H

#include "codecs/engine.h"

namespace sora {

EngineKind OpenH264EngineKind();

// Throws SORA_ERROR_UNSUPPORTED when the library at path is not usable.
std::unique_ptr<CodecEngine> CreateOpenH264Engine(const std::string& path);

}  // namespace sora

#endif
