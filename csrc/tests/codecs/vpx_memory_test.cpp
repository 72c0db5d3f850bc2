// libvpx's functions for its memory, which are ours.
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../harness/harness.h"
#include "codecs/internal/vpx_memory.h"

namespace {

constexpr size_t kSizes[] = {0, 1, 100, 4096, (1u << 20) - 1, 1u << 20, 1'580'544, 22u << 20};

}  // namespace

TEST(vpx_memory_of_every_size_is_aligned_and_does_not_touch_others) {
  for (const size_t align : {size_t{1}, size_t{32}, size_t{256}}) {
    std::vector<uint8_t*> all;
    for (const size_t size : kSizes) {
      all.push_back(static_cast<uint8_t*>(vpx_memalign(align, size)));
      all.push_back(static_cast<uint8_t*>(vpx_malloc(size)));
      for (uint8_t* const memory : {all.end()[-2], all.end()[-1]}) {
        REQUIRE(memory != nullptr);
        std::memset(memory, static_cast<int>(size % 251), size);
      }
      REQUIRE_EQ(reinterpret_cast<uintptr_t>(all.end()[-2]) % std::max<size_t>(align, 32), 0u);
      REQUIRE_EQ(reinterpret_cast<uintptr_t>(all.back()) % 32, 0u);
    }
    for (size_t i = 0; i < all.size(); ++i) {
      const size_t size = kSizes[i / 2];
      REQUIRE(std::all_of(all[i], all[i] + size, [&](uint8_t byte) { return byte == size % 251; }));
      vpx_free(all[i]);
    }
  }
  vpx_free(nullptr);
}

TEST(vpx_memory_of_zeros_is_there_only_once_it_is_written) {
  for (const size_t size : kSizes) {
    auto* const zeros = static_cast<uint8_t*>(vpx_calloc(size / 4, 4));
    REQUIRE(zeros != nullptr);
    if (size == std::end(kSizes)[-1]) {
      uint8_t* const begin = zeros + 4096 - reinterpret_cast<uintptr_t>(zeros) % 4096;
      std::vector<unsigned char> pages(size / 4096 - 1);
      REQUIRE_EQ(mincore(begin, pages.size() * 4096, pages.data()), 0);
      REQUIRE(std::none_of(pages.begin(), pages.end(), [](unsigned char page) { return page & 1; }));
    }
    REQUIRE(std::all_of(zeros, zeros + size / 4 * 4, [](uint8_t byte) { return byte == 0; }));
    std::memset(zeros, 1, size / 4 * 4);
    vpx_free(zeros);
  }
}

TEST(vpx_memory_that_cannot_be_there_is_null) {
  REQUIRE(vpx_malloc(SIZE_MAX) == nullptr);
  REQUIRE(vpx_malloc(SIZE_MAX / 4) == nullptr);
  REQUIRE(vpx_memalign(32, SIZE_MAX - 16) == nullptr);
  REQUIRE(vpx_memalign(32, SIZE_MAX / 4) == nullptr);
  REQUIRE(vpx_calloc(SIZE_MAX / 2, 4) == nullptr);
  REQUIRE(vpx_calloc(SIZE_MAX / 16, 4) == nullptr);
}
