// Memory that libvpx and libaom decode into and pictures are shown from, so that none is copied.
#ifndef SORA_CODECS_INTERNAL_FRAME_POOL_H
#define SORA_CODECS_INTERNAL_FRAME_POOL_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "api/ref_counted_base.h"
#include "api/scoped_refptr.h"

namespace sora {

// The memory of one picture. A decoder holds it while it refers to the picture, a video frame while somebody looks at it.
class FrameMemory : public rtc::RefCountedNonVirtual<FrameMemory> {
 public:
  explicit FrameMemory(size_t size);

  using RefCountedNonVirtual::HasOneRef;

  const size_t size;
  const std::unique_ptr<uint8_t[]> data;  // null when there was no memory
};

// Used by the thread that decodes; what it gave away may be given back by any. It must outlive the decoder that takes from it.
class FramePool {
 public:
  // The memory of a picture that a decoder shows; null when it is of somewhere else.
  template <typename Image>
  static rtc::scoped_refptr<FrameMemory> Of(const Image& picture) {
    return rtc::scoped_refptr<FrameMemory>(static_cast<FrameMemory*>(picture.fb_priv));
  }

  // What a decoder calls to get memory and to give it back, with a pool as the first argument.
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

  // Forgets what waits to be used again.
  void Clear() { frames_.clear(); }

 private:
  rtc::scoped_refptr<FrameMemory> Take(size_t size);

  std::vector<rtc::scoped_refptr<FrameMemory>> frames_;
};

}  // namespace sora

#endif
