// The operator new of the program: it counts what is allocated, and fails when a test says so.
#ifndef SORA_TESTS_MEMORY_ALLOCATION_H
#define SORA_TESTS_MEMORY_ALLOCATION_H

#include <cstdint>

namespace test {

// Lets the n-th allocation of this thread from now on fail, the first being 1; 0: none.
void FailAllocation(int n);
// Whether one has failed since.
bool AllocationFailed();
// Allocations of this thread, less what it has freed.
int64_t Allocated();

}  // namespace test

#endif
