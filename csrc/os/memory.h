// Memory by pages.
#ifndef SORA_OS_MEMORY_H
#define SORA_OS_MEMORY_H

#include <cstddef>
#include <cstdint>

namespace sora {

// Of a large page; where large ones have another size, the system uses small ones.
constexpr size_t kLargePage = 2u << 20;

// Zeros that begin where a large page may, none of which takes memory before it is written; null when there is no room.
uint8_t* MapMemory(size_t size) noexcept;

// With the size that was asked for.
void UnmapMemory(uint8_t* memory, size_t size) noexcept;

// Asks for large pages in a part that consists of whole ones: what goes through much memory that no cache holds waits for the
// processor to look up its pages as well, 340 of them for a frame of 1280x720. In vain where the system has small ones alone.
void UseLargePages(uint8_t* from, size_t size) noexcept;

// Gives back what a part takes, which consists of whole pages; what is in it is lost.
void DiscardMemory(uint8_t* from, size_t size) noexcept;

}  // namespace sora

#endif
