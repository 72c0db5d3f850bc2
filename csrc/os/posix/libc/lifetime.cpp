// The lifetime of the library: it stays loaded until the process ends, and destructors of static objects never run.
#include <dlfcn.h>

namespace {

// Runtimes unload libraries during teardown, which crashes while native threads run. Re-opening the library with RTLD_NODELETE
// keeps it mapped. Runs before every other constructor.
__attribute__((constructor(101))) void Start() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&Start), &info) && info.dli_fname)
    dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

}  // namespace

// A process may exit at any moment while our threads run, and they would use static objects after their destruction. So nothing
// is registered for the exit; the memory is freed with the process.
extern "C" __attribute__((visibility("hidden"))) int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
