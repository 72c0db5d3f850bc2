#include "codecs/hardware/nv12.h"

#include <libyuv.h>

namespace sora {

bool WriteNv12(webrtc::VideoFrameBuffer& from, const Nv12& to) {
  if (from.type() == webrtc::VideoFrameBuffer::Type::kNV12) {
    const auto* const nv12 = from.GetNV12();
    return libyuv::NV12Copy(nv12->DataY(), nv12->StrideY(), nv12->DataUV(), nv12->StrideUV(), to.y, to.stride_y, to.uv,
                            to.stride_uv, nv12->width(), nv12->height()) == 0;
  }
  const auto i420 = from.ToI420();
  return i420 &&
         libyuv::I420ToNV12(i420->DataY(), i420->StrideY(), i420->DataU(), i420->StrideU(), i420->DataV(), i420->StrideV(),
                            to.y, to.stride_y, to.uv, to.stride_uv, i420->width(), i420->height()) == 0;
}

void ReadNv12(const Nv12& from, webrtc::I420Buffer& to) {
  libyuv::NV12ToI420(from.y, from.stride_y, from.uv, from.stride_uv, to.MutableDataY(), to.StrideY(), to.MutableDataU(),
                     to.StrideU(), to.MutableDataV(), to.StrideV(), to.width(), to.height());
}

}  // namespace sora
