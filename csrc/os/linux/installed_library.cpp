#include <dlfcn.h>

#include "os/shared_library.h"

namespace sora {

void* OpenInstalledLibrary(const std::string& name, int version) {
  return dlopen(("lib" + name + ".so." + std::to_string(version)).c_str(), RTLD_NOW | RTLD_LOCAL);
}

}  // namespace sora
