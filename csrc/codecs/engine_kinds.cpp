#include "codecs/engine_kinds.h"

#include "codecs/internal/engine.h"
#include "codecs/nvidia/engine.h"
#include "codecs/openh264/engine.h"
#include "codecs/vpl/engine.h"

namespace sora {
namespace {

// An engine of the public interface that this build lacks: listed, so that requesting it fails with a clear reason.
EngineKind Absent(const char* name) {
  return {name, false, [](const CodecOptions&, std::string& why_not) -> std::unique_ptr<CodecEngine> {
            why_not = "this version of the library has no such engine";
            return nullptr;
          }};
}

}  // namespace

std::vector<EngineKind>& EngineKinds() {
  static std::vector<EngineKind> kinds{
      InternalEngineKind(), OpenH264EngineKind(), VplEngineKind(), NvidiaEngineKind(), Absent("AMD_AMF"),
  };
  return kinds;
}

}  // namespace sora
