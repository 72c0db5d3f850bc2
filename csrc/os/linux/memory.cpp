#include "os/memory.h"

#include <sys/mman.h>

#include <new>

namespace sora {
namespace {

constexpr size_t kPage = 2u << 20;  // a large one; where large ones have another size, the system uses small ones

size_t Whole(size_t size) { return (size + kPage - 1) / kPage * kPage; }

}  // namespace

uint8_t* AllocatePages(size_t size) {
  const size_t whole = Whole(size);
  void* const mapped = mmap(nullptr, whole + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  uint8_t* const begin = static_cast<uint8_t*>(mapped);
  const size_t before = (kPage - reinterpret_cast<uintptr_t>(begin) % kPage) % kPage;
  if (before > 0) munmap(begin, before);
  munmap(begin + before + whole, kPage - before);
  // In vain where the system is set to small pages.
  madvise(begin + before, whole, MADV_HUGEPAGE);
  return begin + before;
}

void FreePages(uint8_t* memory, size_t size) { munmap(memory, Whole(size)); }

}  // namespace sora
