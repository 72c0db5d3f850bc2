// Buffers of frames to send.
#ifndef SORA_MEDIA_FRAME_BUFFERS_H
#define SORA_MEDIA_FRAME_BUFFERS_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "api/scoped_refptr.h"
#include "api/video/video_frame_buffer.h"
#include "rtc_base/ref_counted_object.h"

namespace sora {

// A frame that is written and then shared. Large ones are in large pages.
class FrameBuffer : public webrtc::I420BufferInterface {
 public:
  FrameBuffer(int width, int height);

  int width() const override { return width_; }
  int height() const override { return height_; }
  const uint8_t* DataY() const override { return memory_; }
  const uint8_t* DataU() const override { return memory_ + luma_; }
  const uint8_t* DataV() const override { return memory_ + luma_ + chroma_; }
  int StrideY() const override { return width_; }
  int StrideU() const override { return (width_ + 1) / 2; }
  int StrideV() const override { return StrideU(); }

  uint8_t* MutableDataY() { return memory_; }
  uint8_t* MutableDataU() { return memory_ + luma_; }
  uint8_t* MutableDataV() { return memory_ + luma_ + chroma_; }

 protected:
  ~FrameBuffer() override;

 private:
  size_t size() const { return luma_ + 2 * chroma_; }

  const int width_, height_;
  const size_t luma_, chroma_;  // bytes
  uint8_t* const memory_;
};

// Buffers of one size that are used again, as webrtc::VideoFrameBufferPool has them. Not for several threads at a time.
class FrameBufferPool {
 public:
  // What an encoder that was late for a moment made it hold, it keeps for so many frames.
  static constexpr uint64_t kKeptFor = 300;

  // `most`: how many there are at the most.
  explicit FrameBufferPool(size_t most) : most_(most) {}

  // Null when others hold all of them. Those of another size are left to whoever holds them.
  rtc::scoped_refptr<FrameBuffer> Take(int width, int height);

  // How many there are.
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    rtc::scoped_refptr<rtc::RefCountedObject<FrameBuffer>> buffer;
    uint64_t taken;  // the last time
  };

  const size_t most_;
  std::vector<Entry> entries_;  // the first ones are taken first, so that the last ones are free when fewer are needed
  uint64_t frames_ = 0;         // taken so far
};

}  // namespace sora

#endif
