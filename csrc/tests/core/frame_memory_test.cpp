// Memory of large frames.
#include "core/frame_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "../harness/harness.h"
#include "os/memory.h"

namespace {

constexpr size_t kFrame = 1'580'544;  // of 1280x720 with a border of 32

// Bytes of a part of the memory that are there.
size_t Resident(uint8_t* from, size_t size) {
  constexpr size_t kPage = 4096;
  uint8_t* const begin = from - reinterpret_cast<uintptr_t>(from) % kPage;
  std::vector<unsigned char> pages((static_cast<size_t>(from + size - begin) + kPage - 1) / kPage);
  REQUIRE_EQ(mincore(begin, static_cast<size_t>(from + size - begin), pages.data()), 0);
  return static_cast<size_t>(std::count_if(pages.begin(), pages.end(), [](unsigned char page) { return page & 1; })) * kPage;
}

struct Frame {
  explicit Frame(size_t bytes, uint8_t with) : size(bytes), memory(sora::AllocateFrame(bytes)), value(with) {
    REQUIRE(memory != nullptr);
    REQUIRE_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u);
    std::memset(memory, value, size);
  }
  Frame(const Frame&) = delete;
  ~Frame() { sora::FreeFrame(memory); }
  bool IsWhole() const {
    return std::all_of(memory, memory + size, [&](uint8_t byte) { return byte == value; });
  }

  size_t size;
  uint8_t* memory;
  uint8_t value;
};

}  // namespace

TEST(frame_memory_packs_frames_that_do_not_touch_each_other) {
  std::vector<std::unique_ptr<Frame>> frames;
  for (size_t i = 0; i < 24; ++i)
    frames.push_back(std::make_unique<Frame>(kFrame + i % 3 * 1000, static_cast<uint8_t>(i + 1)));
  for (const auto& frame : frames) REQUIRE(frame->IsWhole());
  REQUIRE(frames[1]->memory - frames[0]->memory < static_cast<ptrdiff_t>(kFrame + 2 * 64));
  // Others take the place of those that are gone.
  for (size_t i = 0; i < frames.size(); i += 2) frames[i] = nullptr;
  for (size_t i = 0; i < frames.size(); i += 2) frames[i] = std::make_unique<Frame>(kFrame, static_cast<uint8_t>(100 + i));
  for (const auto& frame : frames) REQUIRE(frame->IsWhole());
}

TEST(frame_memory_of_large_frames_goes_back_to_the_system) {
  const Frame first(kFrame, 1);
  auto second = std::make_unique<Frame>(5 * sora::kLargePage, 2);
  const auto third = std::make_unique<Frame>(kFrame, 3);
  uint8_t* const was = second->memory;
  REQUIRE_EQ(Resident(was, second->size), second->size / 4096 * 4096 + (reinterpret_cast<uintptr_t>(was) % 4096 ? 4096 : 0));
  second = nullptr;
  // What lies between in whole large pages.
  REQUIRE(Resident(was, 5 * sora::kLargePage) <= 2 * sora::kLargePage);
  REQUIRE(first.IsWhole());
  REQUIRE(third->IsWhole());
}

TEST(frame_memory_that_is_not_there_is_null) { REQUIRE(sora::AllocateFrame(SIZE_MAX / 2) == nullptr); }

TEST(frame_memory_is_for_all_threads_at_once) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (uint8_t thread = 1; thread <= 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int round = 0; round < 100; ++round) {
        const Frame one(sora::kLargeFrame + round * 64u, thread),
            other(sora::kLargeFrame, static_cast<uint8_t>(thread + 10));
        if (!one.IsWhole() || !other.IsWhole()) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  REQUIRE_EQ(wrong.load(), 0);
}
