#include "os/memory.h"

#include <sys/mman.h>

#include <new>

namespace sora {

uint8_t* AllocatePages(size_t size) {
  void* const mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  return static_cast<uint8_t*>(mapped);
}

void FreePages(uint8_t* memory, size_t size) { munmap(memory, size); }

}  // namespace sora
