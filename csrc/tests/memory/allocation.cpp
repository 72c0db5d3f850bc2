#include "allocation.h"

#include <cstdlib>
#include <new>

namespace {

thread_local int left = 0;
thread_local bool failed = false;
thread_local int64_t allocated = 0;

}  // namespace

namespace test {

void FailAllocation(int n) {
  left = n;
  failed = false;
}
bool AllocationFailed() { return failed; }
int64_t Allocated() { return allocated; }

}  // namespace test

void* operator new(size_t size) {
  if (left > 0 && --left == 0) {
    failed = true;
    throw std::bad_alloc();
  }
  void* const memory = std::malloc(size ? size : 1);
  if (!memory) throw std::bad_alloc();
  ++allocated;
  return memory;
}
void operator delete(void* memory) noexcept {
  if (memory) --allocated;
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept { operator delete(memory); }
