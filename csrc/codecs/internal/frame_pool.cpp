#include "codecs/internal/frame_pool.h"

#include <algorithm>
#include <new>

#include "codecs/frame_limit.h"

namespace sora {
namespace {

// The largest frame in I420, with a decoder's border around it.
constexpr size_t kMaxFrameBytes = size_t{2} * kMaxPixels;
constexpr size_t kMaxFrames = 150;
// Memory is kept for when frames become larger again if it is at most this many times as large as needed.
constexpr size_t kMaxSpare = 4;

}  // namespace

FrameMemory::FrameMemory(size_t bytes) : size(bytes), data(new(std::nothrow) uint8_t[bytes]()) {}

rtc::scoped_refptr<FrameMemory> FramePool::Take(size_t size) {
  if (size > kMaxFrameBytes) return nullptr;
  // With one reference, only the pool holds it.
  frames_.erase(std::remove_if(frames_.begin(), frames_.end(),
                               [size](const auto& frame) {
                                 return frame->HasOneRef() && (frame->size < size || frame->size / kMaxSpare > size);
                               }),
                frames_.end());
  for (const auto& frame : frames_)
    if (frame->HasOneRef()) return frame;
  if (frames_.size() >= kMaxFrames) return nullptr;
  rtc::scoped_refptr<FrameMemory> frame(new FrameMemory(size));
  if (!frame->data) return nullptr;
  frames_.push_back(frame);
  return frame;
}

}  // namespace sora
