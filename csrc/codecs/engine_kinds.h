// The list of engines: its source is the one place that an engine's folder is entered in.
#ifndef SORA_CODECS_ENGINE_KINDS_H
#define SORA_CODECS_ENGINE_KINDS_H

#include <memory>
#include <string>
#include <vector>

#include "codecs/codec_options.h"
#include "codecs/engine.h"

namespace sora {

struct EngineKind {
  // One of SoraVideoCodecImplementation, as in "INTERNAL".
  const char* name;
  // Whether it serves what it can when nobody prefers anything; hardware does not.
  bool by_default;
  // Null, with the reason in why_not as a sentence without a stop, when there is no such engine on this machine. Throws
  // SORA_ERROR_UNSUPPORTED when what an option names cannot be used.
  std::unique_ptr<CodecEngine> (*create)(const CodecOptions& options, std::string& why_not);
  // A codec that it decodes where there is one, for those who receive it and have none; may be null.
  const char* decodes = nullptr;
};

// In the order in which they are asked and listed. May be added to before the first use.
std::vector<EngineKind>& EngineKinds();

}  // namespace sora

#endif
