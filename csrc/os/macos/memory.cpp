#include "os/memory.h"

#include <sys/mman.h>

namespace sora {

uint8_t* MapMemory(size_t size) noexcept {
  void* const mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  return mapped == MAP_FAILED ? nullptr : static_cast<uint8_t*>(mapped);
}

void UnmapMemory(uint8_t* memory, size_t size) noexcept { munmap(memory, size); }

// There are none to ask for.
void UseLargePages(uint8_t*, size_t) noexcept {}

void DiscardMemory(uint8_t* from, size_t size) noexcept { madvise(from, size, MADV_FREE); }

}  // namespace sora
