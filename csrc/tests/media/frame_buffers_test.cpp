// Buffers of frames to send.
#include "media/frame_buffers.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include "../harness/harness.h"

using sora::FrameBuffer;
using sora::FrameBufferPool;

namespace {

// Writes all of a frame, each plane with another byte, and looks whether each is still there.
bool HasItsOwnPlanes(FrameBuffer& buffer) {
  const int columns = (buffer.width() + 1) / 2, rows = (buffer.height() + 1) / 2;
  const size_t luma = static_cast<size_t>(buffer.StrideY()) * buffer.height();
  const size_t chroma = static_cast<size_t>(buffer.StrideU()) * rows;
  std::memset(buffer.MutableDataY(), 1, luma);
  std::memset(buffer.MutableDataU(), 2, chroma);
  std::memset(buffer.MutableDataV(), 3, chroma);
  const auto all = [](const uint8_t* plane, size_t size, uint8_t value) {
    return std::all_of(plane, plane + size, [&](uint8_t byte) { return byte == value; });
  };
  return buffer.StrideY() >= buffer.width() && buffer.StrideU() >= columns && buffer.StrideV() >= columns &&
         all(buffer.DataY(), luma, 1) && all(buffer.DataU(), chroma, 2) && all(buffer.DataV(), chroma, 3);
}

}  // namespace

TEST(frame_buffers_have_planes_of_every_size) {
  FrameBufferPool pool(1);
  constexpr int kSizes[][2] = {{2, 2}, {3, 5}, {640, 360}, {1280, 720}, {1919, 1079}, {3840, 2160}};
  for (const auto& [width, height] : kSizes) {
    const auto buffer = pool.Take(width, height);
    REQUIRE(buffer && buffer->width() == width && buffer->height() == height);
    REQUIRE(HasItsOwnPlanes(*buffer));
  }
}

TEST(frame_buffers_are_used_again_once_nobody_holds_them_and_are_no_more_than_allowed) {
  FrameBufferPool pool(2);
  auto first = pool.Take(64, 48);
  const auto second = pool.Take(64, 48);
  REQUIRE(first && second && first != second);
  REQUIRE(!pool.Take(64, 48));
  const FrameBuffer* const was = first.get();
  first = nullptr;
  REQUIRE(pool.Take(64, 48).get() == was);
}

TEST(frame_buffers_of_another_size_stay_with_whoever_holds_them) {
  FrameBufferPool pool(1);
  const auto held = pool.Take(1280, 720);
  REQUIRE(held && HasItsOwnPlanes(*held));
  const auto smaller = pool.Take(640, 360);
  REQUIRE(smaller && HasItsOwnPlanes(*smaller));
  REQUIRE(held->DataY()[0] == 1 && held->DataV()[0] == 3);
  REQUIRE(!pool.Take(640, 360));
}

TEST(frame_buffer_pool_gives_back_what_only_a_late_encoder_needed) {
  FrameBufferPool pool(9);
  // As a source does: the last frame stays while the next one is written.
  auto last = pool.Take(64, 48);
  const auto push = [&](uint64_t frames) {
    for (uint64_t i = 0; i < frames; ++i) last = pool.Take(64, 48);
  };
  push(10);
  const size_t needed = pool.size();
  {
    std::vector<rtc::scoped_refptr<FrameBuffer>> late;
    while (auto buffer = pool.Take(64, 48)) late.push_back(buffer);
    REQUIRE_EQ(pool.size(), 9u);
  }
  push(FrameBufferPool::kKeptFor - 10);
  REQUIRE_EQ(pool.size(), 9u);
  push(11);
  REQUIRE_EQ(pool.size(), needed);
  // Those that are left are used again and again.
  std::set<const FrameBuffer*> used;
  for (int i = 0; i < 100; ++i) {
    push(1);
    used.insert(last.get());
  }
  REQUIRE_EQ(used.size(), needed);
  REQUIRE_EQ(pool.size(), needed);
}
