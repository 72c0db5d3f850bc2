// Memory that libvpx and libaom decode into and that video frames wrap, so that none is copied.
#ifndef SORA_CODECS_INTERNAL_FRAME_POOL_H
#define SORA_CODECS_INTERNAL_FRAME_POOL_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "api/ref_counted_base.h"
#include "api/scoped_refptr.h"

namespace sora {

// The memory of one frame. A decoder holds it while it refers to the frame, and a video frame as long as it exists.
class FrameMemory : public rtc::RefCountedNonVirtual<FrameMemory> {
 public:
  explicit FrameMemory(size_t size);

  using RefCountedNonVirtual::HasOneRef;

  const size_t size;
  const std::unique_ptr<uint8_t[]> data;  // null when out of memory
};

// Used by the thread that decodes; its memory may be released on any thread. The pool must outlive the decoder that uses it.
class FramePool {
 public:
  // The memory of a frame that a decoder returns; null when it is not from a pool.
  template <typename Image>
  static rtc::scoped_refptr<FrameMemory> Of(const Image& image) {
    return rtc::scoped_refptr<FrameMemory>(static_cast<FrameMemory*>(image.fb_priv));
  }

  // What a decoder calls to get and to release memory, with a pool as the first argument.
  template <typename Buffer>
  static int Get(void* pool, size_t size, Buffer* out) {
    auto memory = static_cast<FramePool*>(pool)->Take(size);
    if (!memory) return -1;
    out->data = memory->data.get();
    out->size = memory->size;
    out->priv = memory.release();  // the decoder's reference
    return 0;
  }
  template <typename Buffer>
  static int Release(void*, Buffer* buffer) {
    if (buffer->priv) static_cast<FrameMemory*>(buffer->priv)->Release();
    buffer->priv = nullptr;
    return 0;
  }

  // Drops the memory that is kept for reuse.
  void Clear() { frames_.clear(); }

 private:
  rtc::scoped_refptr<FrameMemory> Take(size_t size);

  std::vector<rtc::scoped_refptr<FrameMemory>> frames_;
};

}  // namespace sora

#endif
