#include "media/video_format.h"

#include <libyuv.h>

#include <algorithm>
#include <string>

#include "common_video/include/video_frame_buffer.h"
#include "core/result.h"
#include "media/pages_ahead.h"
#include "media/video_vectors.h"

namespace sora {
namespace {

constexpr uint32_t kMaxSide = 16'384;

uint32_t BytesPerPixel(uint32_t format) {
  switch (format) {
    case SORA_VIDEO_FORMAT_BGR:
    case SORA_VIDEO_FORMAT_RGB: return 3;
    case SORA_VIDEO_FORMAT_BGRA:
    case SORA_VIDEO_FORMAT_RGBA: return 4;
    case SORA_VIDEO_FORMAT_I420:
    case SORA_VIDEO_FORMAT_NV12: return 1;
  }
  throw Error(SORA_ERROR_INVALID_ARGUMENT, "format must be a sora_video_format, not " + std::to_string(format));
}

// The planes after the first one.
struct Chroma {
  int stride;
  size_t u, v;  // offsets
};

Chroma ChromaOf(const VideoLayout& l) {
  const size_t luma = static_cast<size_t>(l.stride) * l.height;
  if (l.format == SORA_VIDEO_FORMAT_NV12) return {(l.stride + 1) / 2 * 2, luma, luma};
  const int stride = (l.stride + 1) / 2;
  return {stride, luma, luma + static_cast<size_t>(stride) * ((l.height + 1) / 2)};
}

void Check(int result) {
  if (result != 0) throw Error(SORA_ERROR_INTERNAL, "libyuv refused the conversion");
}

// Calls part(first row, number of rows) for parts of a frame or a plane, each but the last with an even number of rows.
template <typename Part>
void InParts(RowsAhead from, RowsAhead to, int height, Part part) {
  constexpr int kRows = 8;
  for (int row = 0; row < height; row += kRows) {
    from.Reach(row);
    to.Reach(row);
    part(static_cast<ptrdiff_t>(row), std::min(kRows, height - row));
  }
}

void CopyPlane(const uint8_t* from, int stride, uint8_t* to, int to_stride, int width, int height) {
  InParts({from, stride, height}, {to, to_stride, height}, height, [&](ptrdiff_t row, int rows) {
    libyuv::CopyPlane(from + row * stride, stride, to + row * to_stride, to_stride, width, rows);
  });
}

}  // namespace

VideoLayout Layout(uint32_t format, uint32_t width, uint32_t height, uint32_t stride) {
  const uint32_t row = BytesPerPixel(format) * width;
  if (width < 1 || width > kMaxSide || height < 1 || height > kMaxSide)
    throw Error(SORA_ERROR_INVALID_ARGUMENT,
                "width and height must be from 1 to 16384, not " + std::to_string(width) + " x " + std::to_string(height));
  if (stride == 0) stride = row;
  if (stride < row || stride > 8 * kMaxSide)
    throw Error(SORA_ERROR_INVALID_ARGUMENT,
                "stride must be from " + std::to_string(row) + " to 131072 bytes, not " + std::to_string(stride));
  VideoLayout layout{static_cast<sora_video_format>(format), static_cast<int>(width), static_cast<int>(height),
                     static_cast<int>(stride), 0};
  // The last row ends with its last pixel: the padding after it need not exist.
  const Chroma chroma = ChromaOf(layout);
  const size_t rows_above = (height + 1) / 2 - 1, columns = (width + 1) / 2;
  if (format == SORA_VIDEO_FORMAT_I420) {
    layout.size = chroma.v + rows_above * static_cast<size_t>(chroma.stride) + columns;
  } else if (format == SORA_VIDEO_FORMAT_NV12) {
    layout.size = chroma.u + rows_above * static_cast<size_t>(chroma.stride) + 2 * columns;
  } else {
    layout.size = static_cast<size_t>(stride) * (height - 1) + row;
  }
  if (layout.size > 0x7fff'ffff) throw Error(SORA_ERROR_INVALID_ARGUMENT, "a frame must be smaller than 2 GiB");
  return layout;
}

webrtc::VideoRotation Rotation(uint32_t degrees) {
  switch (degrees) {
    case 0: return webrtc::kVideoRotation_0;
    case 90: return webrtc::kVideoRotation_90;
    case 180: return webrtc::kVideoRotation_180;
    case 270: return webrtc::kVideoRotation_270;
  }
  throw Error(SORA_ERROR_INVALID_ARGUMENT, "rotation must be 0, 90, 180 or 270 degrees, not " + std::to_string(degrees));
}

rtc::scoped_refptr<webrtc::I420BufferInterface> Wrap(const VideoLayout& l, const uint8_t* from) {
  const Chroma chroma = ChromaOf(l);
  return webrtc::WrapI420Buffer(l.width, l.height, from, l.stride, from + chroma.u, chroma.stride, from + chroma.v,
                                chroma.stride, [] {});
}

void Rotate(const webrtc::I420BufferInterface& from, webrtc::VideoRotation rotation, const VideoLayout& l, uint8_t* to) {
  const Chroma chroma = ChromaOf(l);
  Check(libyuv::I420Rotate(from.DataY(), from.StrideY(), from.DataU(), from.StrideU(), from.DataV(), from.StrideV(), to,
                           l.stride, to + chroma.u, chroma.stride, to + chroma.v, chroma.stride, from.width(), from.height(),
                           static_cast<libyuv::RotationMode>(rotation)));
}

void Rotate(const webrtc::I420BufferInterface& from, webrtc::VideoRotation rotation, webrtc::I420Buffer& to) {
  Check(libyuv::I420Rotate(from.DataY(), from.StrideY(), from.DataU(), from.StrideU(), from.DataV(), from.StrideV(),
                           to.MutableDataY(), to.StrideY(), to.MutableDataU(), to.StrideU(), to.MutableDataV(), to.StrideV(),
                           from.width(), from.height(), static_cast<libyuv::RotationMode>(rotation)));
}

void Convert(const VideoLayout& l, const uint8_t* from, const I420Planes& to) {
  // What vectors leave over, on the right.
  const int done = ConvertColumns(l, from, to), width = l.width - done;
  if (width == 0) return;
  from += static_cast<size_t>(done) * BytesPerPixel(l.format);
  uint8_t *y = to.y + done, *u = to.u + done / 2, *v = to.v + done / 2;
  const int ys = to.y_stride, us = to.u_stride, vs = to.v_stride;
  const auto convert = [&](auto function) {
    InParts({from, l.stride, l.height}, {y, ys, l.height}, l.height, [&](ptrdiff_t row, int rows) {
      Check(function(from + row * l.stride, l.stride, y + row * ys, ys, u + row / 2 * us, us, v + row / 2 * vs, vs, width,
                     rows));
    });
  };
  const Chroma chroma = ChromaOf(l);
  const int columns = (width + 1) / 2, chroma_rows = (l.height + 1) / 2;
  switch (l.format) {
    case SORA_VIDEO_FORMAT_BGR: return convert(libyuv::RGB24ToI420);
    case SORA_VIDEO_FORMAT_RGB: return convert(libyuv::RAWToI420);
    case SORA_VIDEO_FORMAT_BGRA: return convert(libyuv::ARGBToI420);
    case SORA_VIDEO_FORMAT_RGBA: return convert(libyuv::ABGRToI420);
    case SORA_VIDEO_FORMAT_I420:
      CopyPlane(from, l.stride, y, ys, width, l.height);
      CopyPlane(from + chroma.u, chroma.stride, u, us, columns, chroma_rows);
      return CopyPlane(from + chroma.v, chroma.stride, v, vs, columns, chroma_rows);
    case SORA_VIDEO_FORMAT_NV12:
      CopyPlane(from, l.stride, y, ys, width, l.height);
      from += chroma.u;
      return InParts({from, chroma.stride, chroma_rows}, {u, us, chroma_rows}, chroma_rows, [&](ptrdiff_t row, int rows) {
        libyuv::SplitUVPlane(from + row * chroma.stride, chroma.stride, u + row * us, us, v + row * vs, vs, columns, rows);
      });
  }
}

void Convert(const webrtc::I420BufferInterface& from, const VideoLayout& l, uint8_t* to) {
  const int done = ConvertColumns(from, l, to), width = l.width - done;
  if (width == 0) return;
  const uint8_t *y = from.DataY() + done, *u = from.DataU() + done / 2, *v = from.DataV() + done / 2;
  const int ys = from.StrideY(), us = from.StrideU(), vs = from.StrideV();
  to += static_cast<size_t>(done) * BytesPerPixel(l.format);
  const auto convert = [&](auto function) {
    InParts({y, ys, l.height}, {to, l.stride, l.height}, l.height, [&](ptrdiff_t row, int rows) {
      Check(function(y + row * ys, ys, u + row / 2 * us, us, v + row / 2 * vs, vs, to + row * l.stride, l.stride, width,
                     rows));
    });
  };
  const Chroma chroma = ChromaOf(l);
  const int columns = (width + 1) / 2, chroma_rows = (l.height + 1) / 2;
  switch (l.format) {
    case SORA_VIDEO_FORMAT_BGR: return convert(libyuv::I420ToRGB24);
    case SORA_VIDEO_FORMAT_RGB: return convert(libyuv::I420ToRAW);
    case SORA_VIDEO_FORMAT_BGRA: return convert(libyuv::I420ToARGB);
    case SORA_VIDEO_FORMAT_RGBA: return convert(libyuv::I420ToABGR);
    case SORA_VIDEO_FORMAT_I420:
      CopyPlane(y, ys, to, l.stride, width, l.height);
      CopyPlane(u, us, to + chroma.u, chroma.stride, columns, chroma_rows);
      return CopyPlane(v, vs, to + chroma.v, chroma.stride, columns, chroma_rows);
    case SORA_VIDEO_FORMAT_NV12:
      CopyPlane(y, ys, to, l.stride, width, l.height);
      to += chroma.u;
      return InParts({u, us, chroma_rows}, {to, chroma.stride, chroma_rows}, chroma_rows, [&](ptrdiff_t row, int rows) {
        libyuv::MergeUVPlane(u + row * us, us, v + row * vs, vs, to + row * chroma.stride, chroma.stride, columns, rows);
      });
  }
}

}  // namespace sora
