#include <dlfcn.h>

#include "os/shared_library.h"

namespace sora {

void* OpenInstalledLibrary(const std::string& name, int version) {
  const std::string file = "lib" + name + "." + std::to_string(version) + ".dylib";
  // The system looks in /usr/local/lib, but not where Homebrew installs on Apple's processors.
  for (const char* const folder : {"", "/opt/homebrew/lib/"})
    if (void* const library = dlopen((folder + file).c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  return nullptr;
}

}  // namespace sora
