// Planes of I420 to write.
#ifndef SORA_MEDIA_I420_PLANES_H
#define SORA_MEDIA_I420_PLANES_H

#include <cstdint>

namespace sora {

struct I420Planes {
  uint8_t *y, *u, *v;
  int y_stride, u_stride, v_stride;

  // Those of webrtc::I420Buffer, or of a FrameBuffer.
  template <typename Buffer>
  I420Planes(Buffer& of)  // NOLINT(google-explicit-constructor)
      : y(of.MutableDataY()),
        u(of.MutableDataU()),
        v(of.MutableDataV()),
        y_stride(of.StrideY()),
        u_stride(of.StrideU()),
        v_stride(of.StrideV()) {}
};

}  // namespace sora

#endif
