#include "codecs/hardware/nv12.h"

#include <libyuv.h>

#include <cstddef>

namespace sora {

bool WriteNv12(webrtc::VideoFrameBuffer& from, const Nv12& to, int width, int height) {
  if (width > from.width() || height > from.height()) return false;
  // To whole samples of chroma.
  const int left = (from.width() - width) / 2 & ~1, top = (from.height() - height) / 2 & ~1;
  const auto at = [&](const uint8_t* plane, int stride, int x, int y) { return plane + ptrdiff_t{y} * stride + x; };
  if (from.type() == webrtc::VideoFrameBuffer::Type::kNV12) {
    const auto* const nv12 = from.GetNV12();
    return libyuv::NV12Copy(at(nv12->DataY(), nv12->StrideY(), left, top), nv12->StrideY(),
                            at(nv12->DataUV(), nv12->StrideUV(), left, top / 2), nv12->StrideUV(), to.y, to.stride_y, to.uv,
                            to.stride_uv, width, height) == 0;
  }
  const auto i420 = from.ToI420();
  return i420 && libyuv::I420ToNV12(at(i420->DataY(), i420->StrideY(), left, top), i420->StrideY(),
                                    at(i420->DataU(), i420->StrideU(), left / 2, top / 2), i420->StrideU(),
                                    at(i420->DataV(), i420->StrideV(), left / 2, top / 2), i420->StrideV(), to.y,
                                    to.stride_y, to.uv, to.stride_uv, width, height) == 0;
}

void ReadNv12(const Nv12& from, webrtc::I420Buffer& to) {
  libyuv::NV12ToI420(from.y, from.stride_y, from.uv, from.stride_uv, to.MutableDataY(), to.StrideY(), to.MutableDataU(),
                     to.StrideU(), to.MutableDataV(), to.StrideV(), to.width(), to.height());
}

}  // namespace sora
