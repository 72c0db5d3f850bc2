#include "codecs/internal/libaom_frame_pool.h"

#include <algorithm>
#include <new>

#include "codecs/internal/av1_sequence.h"

namespace sora {
namespace {

// A picture in I420 with libaom's border around it.
constexpr size_t kMaxFrameBytes = size_t{2} * kMaxAv1Pixels;
constexpr size_t kMaxFrames = 150;
// Larger memory than needed is kept for when pictures become larger again, up to so many times as much.
constexpr size_t kMaxSpare = 4;

}  // namespace

FrameMemory::FrameMemory(size_t bytes) : size(bytes), data(new(std::nothrow) uint8_t[bytes]()) {}

bool LibaomFramePool::Serve(aom_codec_ctx_t& decoder) {
  return aom_codec_set_frame_buffer_functions(&decoder, &Get, &Release, this) == AOM_CODEC_OK;
}

rtc::scoped_refptr<FrameMemory> LibaomFramePool::Of(const aom_image_t& picture) {
  return rtc::scoped_refptr<FrameMemory>(static_cast<FrameMemory*>(picture.fb_priv));
}

int LibaomFramePool::Get(void* pool, size_t size, aom_codec_frame_buffer_t* out) {
  auto memory = static_cast<LibaomFramePool*>(pool)->Take(size);
  if (!memory) return -1;
  out->data = memory->data.get();
  out->size = memory->size;
  out->priv = memory.release();  // libaom's reference
  return 0;
}

int LibaomFramePool::Release(void*, aom_codec_frame_buffer_t* buffer) {
  if (buffer->priv) static_cast<FrameMemory*>(buffer->priv)->Release();
  buffer->priv = nullptr;
  return 0;
}

rtc::scoped_refptr<FrameMemory> LibaomFramePool::Take(size_t size) {
  if (size > kMaxFrameBytes) return nullptr;
  // Nobody else holds what has one reference.
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
