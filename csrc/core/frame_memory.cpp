#include "core/frame_memory.h"

#include <algorithm>
#include <iterator>
#include <list>
#include <map>
#include <mutex>
#include <new>

#include "os/memory.h"

namespace sora {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kSlab = 8 * kLargePage;  // ten frames of 1280x720 in an encoder, with their borders

size_t RoundUp(size_t size, size_t to) { return (size + to - 1) / to * to; }
size_t RoundDown(size_t size, size_t to) { return size / to * to; }

// Frames in one piece of memory.
class Slab {
 public:
  // Throws std::bad_alloc.
  explicit Slab(size_t size) : size_(size), begin_(MapMemory(size)) {
    if (!begin_) throw std::bad_alloc();
  }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() { UnmapMemory(begin_, size_); }

  bool Has(const uint8_t* memory) const { return memory >= begin_ && memory < begin_ + size_; }
  bool empty() const { return frames_.empty(); }

  // Null when no gap is large enough.
  uint8_t* Take(size_t size) {
    size_t at = 0;
    for (const auto& [begin, end] : frames_) {
      if (begin - at >= size) break;
      at = end;
    }
    if (size_ - at < size) return nullptr;
    frames_.emplace(at, at + size);
    // Not beyond the frame: all of a large page is there once a byte of it is written.
    if (const size_t end = RoundDown(at + size, kLargePage); end > large_) {
      UseLargePages(begin_ + large_, end - large_);
      large_ = end;
    }
    return begin_ + at;
  }

  void Give(const uint8_t* memory) {
    const auto frame = frames_.find(static_cast<size_t>(memory - begin_));
    const auto next = std::next(frame);
    const size_t from = frame == frames_.begin() ? 0 : RoundUp(std::prev(frame)->second, kLargePage);
    const size_t to = next == frames_.end() ? size_ : RoundDown(next->first, kLargePage);
    frames_.erase(frame);
    if (to > from) DiscardMemory(begin_ + from, to - from);
  }

 private:
  const size_t size_;
  uint8_t* const begin_;
  size_t large_ = 0;                   // in front of it large pages were asked for
  std::map<size_t, size_t> frames_{};  // where they begin and end
};

class Slabs {
 public:
  uint8_t* Take(size_t size) {
    std::lock_guard lock(mutex_);
    for (Slab& slab : slabs_)
      if (uint8_t* const memory = slab.Take(size)) return memory;
    slabs_.emplace_back(std::max(kSlab, RoundUp(size, kLargePage)));
    return slabs_.back().Take(size);
  }

  void Give(const uint8_t* memory) {
    std::lock_guard lock(mutex_);
    const auto slab = std::find_if(slabs_.begin(), slabs_.end(), [&](const Slab& one) { return one.Has(memory); });
    slab->Give(memory);
    if (slab->empty()) slabs_.erase(slab);
  }

 private:
  std::mutex mutex_;
  std::list<Slab> slabs_;
};

// Never destroyed: threads may go on while the process ends.
Slabs& TheSlabs() {
  static Slabs& slabs = *new Slabs;
  return slabs;
}

}  // namespace

uint8_t* AllocateFrame(size_t size) noexcept {
  try {
    return size > SIZE_MAX - kSlab ? nullptr : TheSlabs().Take(RoundUp(std::max(size, kAlignment), kAlignment));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void FreeFrame(uint8_t* memory) noexcept { TheSlabs().Give(memory); }

}  // namespace sora
