// libvpx's functions for its memory, in place of those in its archive, which clear what is zero already: the VP8 encoder asks for
// 22 MB of zeros for the tokens of a frame of 1280x720, of which it uses about one. And frames are in large pages.
#include "codecs/internal/vpx_memory.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "core/frame_memory.h"
#include "os/memory.h"

namespace {

constexpr size_t kAlignment = 32;            // at least, as vectors need it
constexpr size_t kMost = uint64_t{1} << 40;  // as libvpx has it: what is more is an overflow

enum class Kind : uint64_t { kHeap, kFrame, kZeros };

// In front of what libvpx gets.
struct Header {
  Kind kind;
  uint8_t* memory;  // as it was allocated
  size_t size;
};

void* WithHeader(Kind kind, uint8_t* memory, size_t size, size_t align) {
  if (!memory) return nullptr;
  const uintptr_t at = (reinterpret_cast<uintptr_t>(memory) + sizeof(Header) + align - 1) / align * align;
  const Header header{kind, memory, size};
  std::memcpy(reinterpret_cast<void*>(at - sizeof(Header)), &header, sizeof(Header));
  return reinterpret_cast<void*>(at);
}

// Overruns of what is not on the heap would go unseen.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SORA_HEAP_ALONE
#endif
#endif

bool IsLarge([[maybe_unused]] size_t size) {
#ifdef SORA_HEAP_ALONE
  return false;
#else
  return size >= sora::kLargeFrame;
#endif
}

// With room for the header; 0: too much.
size_t Whole(size_t size, size_t align) { return size >= kMost || align >= kMost ? 0 : size + sizeof(Header) + align; }

}  // namespace

// Frames ask for an alignment, and little else that is large.
void* vpx_memalign(size_t align, size_t size) {
  align = align < kAlignment ? kAlignment : align;
  const size_t whole = Whole(size, align);
  if (whole == 0) return nullptr;
  if (IsLarge(size)) return WithHeader(Kind::kFrame, sora::AllocateFrame(whole), whole, align);
  return WithHeader(Kind::kHeap, static_cast<uint8_t*>(std::malloc(whole)), whole, align);
}

void* vpx_malloc(size_t size) {
  const size_t whole = Whole(size, kAlignment);
  return whole == 0 ? nullptr : WithHeader(Kind::kHeap, static_cast<uint8_t*>(std::malloc(whole)), whole, kAlignment);
}

void* vpx_calloc(size_t count, size_t size) {
  if (size > 0 && count > kMost / size) return nullptr;
  const size_t whole = Whole(count * size, kAlignment);
  if (whole == 0) return nullptr;
  if (IsLarge(count * size)) return WithHeader(Kind::kZeros, sora::MapMemory(whole), whole, kAlignment);
  return WithHeader(Kind::kHeap, static_cast<uint8_t*>(std::calloc(1, whole)), whole, kAlignment);
}

void vpx_free(void* memory) {
  if (!memory) return;
  Header header;
  std::memcpy(&header, static_cast<uint8_t*>(memory) - sizeof(Header), sizeof(Header));
  switch (header.kind) {
    case Kind::kHeap: return std::free(header.memory);
    case Kind::kFrame: return sora::FreeFrame(header.memory);
    case Kind::kZeros: return sora::UnmapMemory(header.memory, header.size);
  }
}
