#include "os/memory.h"

#include <sys/mman.h>
#include <unistd.h>

namespace sora {

uint8_t* MapMemory(size_t size) noexcept {
  void* const mapped = mmap(nullptr, size + kLargePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  uint8_t* const begin = static_cast<uint8_t*>(mapped);
  const size_t before = (kLargePage - reinterpret_cast<uintptr_t>(begin) % kLargePage) % kLargePage;
  if (before > 0) munmap(begin, before);
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE)), whole = (size + page - 1) / page * page;
  if (before + whole < size + kLargePage) munmap(begin + before + whole, size + kLargePage - before - whole);
  return begin + before;
}

void UnmapMemory(uint8_t* memory, size_t size) noexcept { munmap(memory, size); }

void UseLargePages(uint8_t* from, size_t size) noexcept { madvise(from, size, MADV_HUGEPAGE); }

void DiscardMemory(uint8_t* from, size_t size) noexcept { madvise(from, size, MADV_DONTNEED); }

}  // namespace sora
