#include "codecs/lent_frame.h"

#include <utility>

#include "libyuv/convert.h"

namespace sora {

rtc::scoped_refptr<webrtc::I420BufferInterface> LentFrame::ToI420() {
  std::lock_guard lock(mutex_);
  if (!copy_) CopyTo(webrtc::I420Buffer::Create(planes_.width, planes_.height));
  return copy_;
}

void LentFrame::CopyTo(rtc::scoped_refptr<webrtc::I420Buffer> copy) {
  libyuv::I420Copy(planes_.y, planes_.y_stride, planes_.u, planes_.u_stride, planes_.v, planes_.v_stride,
                   copy->MutableDataY(), copy->StrideY(), copy->MutableDataU(), copy->StrideU(), copy->MutableDataV(),
                   copy->StrideV(), planes_.width, planes_.height);
  copy_ = std::move(copy);
}

rtc::scoped_refptr<webrtc::VideoFrameBuffer> Lender::Lend(const LentPlanes& planes) {
  if (frame_ && frame_->HasOneRef()) {
    // Nobody else knows it.
    frame_->planes_ = planes;
    frame_->copy_ = nullptr;
  } else {
    frame_ = rtc::scoped_refptr<Frame>(new Frame(planes));
  }
  lent_ = true;
  return frame_;
}

bool Lender::TakeBack() {
  if (IsHeld()) {
    std::lock_guard lock(frame_->mutex_);
    if (!frame_->copy_) {
      auto copy = copies_.CreateI420Buffer(frame_->width(), frame_->height());
      if (!copy) return false;
      frame_->CopyTo(std::move(copy));
    }
  }
  lent_ = false;
  return true;
}

void Lender::End() {
  if (IsHeld()) frame_->ToI420();
  lent_ = false;
  frame_ = nullptr;
  copies_.Release();
}

}  // namespace sora
