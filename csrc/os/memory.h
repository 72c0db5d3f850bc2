// Memory by pages.
#ifndef SORA_OS_MEMORY_H
#define SORA_OS_MEMORY_H

#include <cstddef>
#include <cstdint>

namespace sora {

// Zeros, in pages as large as the system has them: what goes through much memory that no cache holds waits for the processor to
// look up its pages as well, 340 of them for a frame of 1280x720. For FreePages; throws std::bad_alloc.
uint8_t* AllocatePages(size_t size);

// With the size that was asked for.
void FreePages(uint8_t* memory, size_t size);

}  // namespace sora

#endif
