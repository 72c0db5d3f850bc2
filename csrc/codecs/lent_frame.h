// A decoded frame that is not copied as long as its decoder does not need the memory for another one.
#ifndef SORA_CODECS_LENT_FRAME_H
#define SORA_CODECS_LENT_FRAME_H

#include <cstdint>
#include <mutex>

#include "api/scoped_refptr.h"
#include "api/video/i420_buffer.h"
#include "api/video/video_frame_buffer.h"
#include "common_video/include/video_frame_buffer_pool.h"
#include "rtc_base/ref_counted_object.h"

namespace sora {

// Planes of I420 in memory of others.
struct LentPlanes {
  int width, height;
  const uint8_t *y, *u, *v;
  int y_stride, u_stride, v_stride;
};

// Of the type kNative, because the planes that a libwebrtc buffer gives stay for as long as the buffer. Who knows this class reads
// where the decoder decoded; everybody else has a copy by ToI420().
class LentFrame : public webrtc::VideoFrameBuffer {
 public:
  // Null for a buffer of another kind: no other one is kNative.
  static LentFrame* Of(webrtc::VideoFrameBuffer& buffer) {
    return buffer.type() == Type::kNative ? static_cast<LentFrame*>(&buffer) : nullptr;
  }

  Type type() const override { return Type::kNative; }
  int width() const override { return planes_.width; }
  int height() const override { return planes_.height; }
  rtc::scoped_refptr<webrtc::I420BufferInterface> ToI420() override;

  // Calls read(const webrtc::I420BufferInterface&), on any thread; its argument is for this call alone. The decoder waits for it,
  // as do others who read what is lent.
  template <typename Reader>
  void Read(Reader&& read) {
    std::unique_lock lock(mutex_);
    if (!copy_) return read(View(planes_));
    const auto copy = copy_;
    lock.unlock();
    read(*copy);
  }

 protected:
  explicit LentFrame(const LentPlanes& planes) : planes_(planes) {}
  ~LentFrame() override = default;

 private:
  friend class Lender;

  // What is lent, as a buffer that nobody may keep.
  class View final : public webrtc::I420BufferInterface {
   public:
    explicit View(const LentPlanes& planes) : planes_(planes) {}

    void AddRef() const override {}
    rtc::RefCountReleaseStatus Release() const override { return rtc::RefCountReleaseStatus::kOtherRefsRemained; }
    int width() const override { return planes_.width; }
    int height() const override { return planes_.height; }
    const uint8_t* DataY() const override { return planes_.y; }
    const uint8_t* DataU() const override { return planes_.u; }
    const uint8_t* DataV() const override { return planes_.v; }
    int StrideY() const override { return planes_.y_stride; }
    int StrideU() const override { return planes_.u_stride; }
    int StrideV() const override { return planes_.v_stride; }

   private:
    const LentPlanes planes_;
  };

  // With the mutex locked.
  void CopyTo(rtc::scoped_refptr<webrtc::I420Buffer> copy);

  std::mutex mutex_;
  LentPlanes planes_;
  rtc::scoped_refptr<webrtc::I420Buffer> copy_;  // in place of what was lent
};

// Lends the last frame of a decoder, on the thread that decodes.
class Lender {
 public:
  // `most`: copies of frames that others still hold.
  explicit Lender(size_t most) : copies_(/*zero_initialize=*/false, most) {}
  ~Lender() { End(); }

  // The frame is lent until TakeBack() or End(), one of which comes before the next one.
  rtc::scoped_refptr<webrtc::VideoFrameBuffer> Lend(const LentPlanes& planes);

  // From here on the decoder may write to what was lent: whoever still holds it has a copy. False, and nothing has changed, when
  // there are as many copies as there may be.
  bool TakeBack();

  // The same before the decoder ends, which needs no room.
  void End();

 private:
  using Frame = rtc::RefCountedObject<LentFrame>;

  // Whether somebody else holds it.
  bool IsHeld() const { return lent_ && frame_ && !frame_->HasOneRef(); }

  bool lent_ = false;
  rtc::scoped_refptr<Frame> frame_;  // the last one; used again when nobody else holds it
  webrtc::VideoFrameBufferPool copies_;
};

}  // namespace sora

#endif
