// Memory that libaom decodes into and pictures are shown from, so that none is copied.
#ifndef SORA_CODECS_INTERNAL_LIBAOM_FRAME_POOL_H
#define SORA_CODECS_INTERNAL_LIBAOM_FRAME_POOL_H

#include <aom/aom_decoder.h>
#include <aom/aom_frame_buffer.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "api/ref_counted_base.h"
#include "api/scoped_refptr.h"

namespace sora {

// The memory of one picture. libaom holds it while it refers to the picture, a video frame while somebody looks at it.
class FrameMemory : public rtc::RefCountedNonVirtual<FrameMemory> {
 public:
  explicit FrameMemory(size_t size);

  using RefCountedNonVirtual::HasOneRef;

  const size_t size;
  const std::unique_ptr<uint8_t[]> data;  // null when there was no memory
};

// Used by the thread that decodes; what it gave away may be given back by any.
class LibaomFramePool {
 public:
  // Makes a decoder take its memory from here. The pool must outlive it.
  bool Serve(aom_codec_ctx_t& decoder);
  // The memory of a picture that the decoder shows; null when it is of somewhere else.
  static rtc::scoped_refptr<FrameMemory> Of(const aom_image_t& picture);
  // Forgets what waits to be used again.
  void Clear() { frames_.clear(); }

 private:
  static int Get(void* pool, size_t size, aom_codec_frame_buffer_t* out);
  static int Release(void* pool, aom_codec_frame_buffer_t* buffer);
  rtc::scoped_refptr<FrameMemory> Take(size_t size);

  std::vector<rtc::scoped_refptr<FrameMemory>> frames_;
};

}  // namespace sora

#endif
