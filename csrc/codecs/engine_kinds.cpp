#include "codecs/engine_kinds.h"

#include "codecs/amf/engine.h"
#include "codecs/internal/engine.h"
#include "codecs/nvidia/engine.h"
#include "codecs/openh264/engine.h"
#include "codecs/vpl/engine.h"

namespace sora {

std::vector<EngineKind>& EngineKinds() {
  static std::vector<EngineKind> kinds{
      InternalEngineKind(), OpenH264EngineKind(), VplEngineKind(), NvidiaEngineKind(), AmfEngineKind(),
  };
  return kinds;
}

}  // namespace sora
