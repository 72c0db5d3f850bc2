// mallinfo2 of glibc 2.33, which a program that is built for an older one has to look for.
#include <dlfcn.h>
#include <malloc.h>

#include <cstdlib>

struct mallinfo2 mallinfo2() noexcept {
  static const auto found = reinterpret_cast<decltype(&mallinfo2)>(dlsym(RTLD_NEXT, "mallinfo2"));
  if (!found) std::abort();
  return found();
}
