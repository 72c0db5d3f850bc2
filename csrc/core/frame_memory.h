// Memory of large frames, next to each other in large pages: a frame of 1280x720 fills two thirds of one.
#ifndef SORA_CORE_FRAME_MEMORY_H
#define SORA_CORE_FRAME_MEMORY_H

#include <cstddef>
#include <cstdint>

namespace sora {

// Of smaller ones a processor knows all pages.
constexpr size_t kLargeFrame = 1u << 20;

// Aligned to a line of the cache; what is in it is undefined. Null when there is no memory. On any thread.
uint8_t* AllocateFrame(size_t size) noexcept;

// What is left of large pages goes back to the system. On any thread.
void FreeFrame(uint8_t* memory) noexcept;

}  // namespace sora

#endif
