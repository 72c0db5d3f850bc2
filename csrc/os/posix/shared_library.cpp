#include "os/shared_library.h"

#include <dlfcn.h>

namespace sora {

void* OpenLibrary(const std::string& path, std::string& reason) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library) return library;
  const char* const text = dlerror();
  reason = text ? text : "no reason was given";
  return nullptr;
}

void* FindFunction(void* library, const char* name) { return dlsym(library, name); }

void CloseLibrary(void* library) { dlclose(library); }

}  // namespace sora
