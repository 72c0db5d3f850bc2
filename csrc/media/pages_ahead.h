// Reading and writing much memory that no cache has, in small pages.
#ifndef SORA_MEDIA_PAGES_AHEAD_H
#define SORA_MEDIA_PAGES_AHEAD_H

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace sora {

// Looks up the pages of memory that is gone through from its beginning. Processors fetch ahead within a page alone, and for the next
// one first wait for its address, which the system's tables have in memory that no cache holds either: of the time for a frame
// of 1280x720 that was written a while ago, a third.
class PagesAhead {
 public:
  PagesAhead(const uint8_t* from, size_t size) : from_(from), size_(size) {}

  // Before the byte at this offset is read or written.
  void Reach(size_t offset) {
    for (const size_t end = std::min(size_, offset + kAhead); looked_ < end; looked_ += kPage)
      __builtin_prefetch(from_ + looked_);
  }

 private:
  static constexpr size_t kPage = 4096, kAhead = 16 * kPage;

  const uint8_t* const from_;
  const size_t size_;
  size_t looked_ = 0;
};

// The same for the rows of a plane.
class RowsAhead : PagesAhead {
 public:
  RowsAhead(const uint8_t* from, int stride, int height)
      : PagesAhead(from, static_cast<size_t>(stride) * static_cast<size_t>(height)), stride_(static_cast<size_t>(stride)) {}

  void Reach(int row) { PagesAhead::Reach(static_cast<size_t>(row) * stride_); }

 private:
  const size_t stride_;
};

}  // namespace sora

#endif
