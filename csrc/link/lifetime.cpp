// The lifetime of the library: it stays loaded until the process ends, and destructors of static objects never run.
#include <dlfcn.h>
#include <stdio.h>

extern "C" __attribute__((visibility("hidden"))) FILE* sora_stderr __asm__("stderr");
extern "C" __attribute__((visibility("hidden"))) FILE* sora_stdout __asm__("stdout");

namespace {

// Runtimes unload libraries during teardown, which crashes while native threads run. Re-opening the library with RTLD_NODELETE
// keeps it mapped. Runs before every other constructor.
__attribute__((constructor(101))) void Start() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&Start), &info) && info.dli_fname)
    dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  if (auto** file = static_cast<FILE**>(dlsym(RTLD_DEFAULT, "stderr"))) sora_stderr = *file;
  if (auto** file = static_cast<FILE**>(dlsym(RTLD_DEFAULT, "stdout"))) sora_stdout = *file;
}

}  // namespace

// A process may exit at any moment while our threads run, and they would use static objects after their destruction. So nothing
// is registered for the exit; the memory is freed with the process.
extern "C" __attribute__((visibility("hidden"))) int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
