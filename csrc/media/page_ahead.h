// Reading much memory that no cache has, in small pages.
#ifndef SORA_MEDIA_PAGE_AHEAD_H
#define SORA_MEDIA_PAGE_AHEAD_H

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace sora {

// Looks up pages that will be read next: processors read ahead within a page alone, and wait at the beginning of each. Nothing
// need be there.
inline void LookUpPages(const uint8_t* from, size_t size) {
  constexpr size_t kPage = 4096;
  for (size_t at = 0; at < size; at += kPage) __builtin_prefetch(from + at);
}

// Calls read(first row, number of rows) for rows that fill about a page each time, the next one being looked up.
template <typename Read>
void ReadInPages(const uint8_t* from, int stride, int height, Read read) {
  const int rows = std::max(1, 4096 / stride);
  const size_t size = static_cast<size_t>(rows) * stride;
  for (int row = 0; row < height; row += rows) {
    LookUpPages(from + static_cast<size_t>(row) * stride + size, size);
    read(row, std::min(rows, height - row));
  }
}

}  // namespace sora

#endif
