// Conversions by vectors, against libyuv's.
#include "media/video_vectors.h"

#include <libyuv.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "../harness/harness.h"
#include "media/video_format.h"

namespace {

using ToPacked = decltype(&libyuv::I420ToARGB);
using FromPacked = decltype(&libyuv::ARGBToI420);

struct Format {
  uint32_t format;
  int bytes;
  ToPacked convert;
  FromPacked back;
};
constexpr Format kFormats[] = {{SORA_VIDEO_FORMAT_BGR, 3, libyuv::I420ToRGB24, libyuv::RGB24ToI420},
                               {SORA_VIDEO_FORMAT_RGB, 3, libyuv::I420ToRAW, libyuv::RAWToI420},
                               {SORA_VIDEO_FORMAT_BGRA, 4, libyuv::I420ToARGB, libyuv::ARGBToI420},
                               {SORA_VIDEO_FORMAT_RGBA, 4, libyuv::I420ToABGR, libyuv::ABGRToI420}};

}  // namespace

TEST(video_vectors_convert_every_value_of_y_u_and_v_as_libyuv_does) {
  // Every pair of U and V, each with four values of Y at a time.
  constexpr int kSide = 512, kChroma = kSide / 2;
  const auto from = webrtc::I420Buffer::Create(kSide, kSide);
  for (int row = 0; row < kChroma; ++row) {
    for (int column = 0; column < kChroma; ++column) {
      from->MutableDataU()[row * from->StrideU() + column] = static_cast<uint8_t>(row);
      from->MutableDataV()[row * from->StrideV() + column] = static_cast<uint8_t>(column);
    }
  }
  for (int first = 0; first < 256; first += 4) {
    for (int row = 0; row < kSide; ++row)
      for (int column = 0; column < kSide; ++column)
        from->MutableDataY()[row * from->StrideY() + column] = static_cast<uint8_t>(first + row % 2 * 2 + column % 2);
    for (const auto& [format, bytes, convert, back] : kFormats) {
      const auto layout = sora::Layout(format, kSide, kSide, 0);
      std::vector<uint8_t> expected(layout.size), converted(layout.size);
      if (sora::ConvertColumns(*from, layout, converted.data()) == 0) {
        std::puts("not tested: this processor has no AVX-512 with VBMI, so that libyuv converts everything");
        return;
      }
      REQUIRE_EQ(convert(from->DataY(), from->StrideY(), from->DataU(), from->StrideU(), from->DataV(), from->StrideV(),
                         expected.data(), layout.stride, kSide, kSide),
                 0);
      REQUIRE(converted == expected);
    }
  }
}

TEST(video_vectors_give_the_same_planes_as_libyuv_for_every_color_and_mean) {
  // 2 x 2 pixels of a color, for every color of so many levels; then noise, whose means are rounded.
  constexpr int kWidth = 512, kHeight = 511;
  const auto expected = webrtc::I420Buffer::Create(kWidth, kHeight), converted = webrtc::I420Buffer::Create(kWidth, kHeight);
  for (const auto& [format, bytes, convert, back] : kFormats) {
    const auto layout = sora::Layout(format, kWidth, kHeight, 0);
    std::vector<uint8_t> from(layout.size);
    uint32_t random = 1;
    for (int round = 0; round < 256 + 16; ++round) {
      for (size_t at = 0; at < from.size(); ++at) {
        const size_t pixel = at / bytes, x = pixel % kWidth / 2, y = pixel / kWidth / 2, byte = at % bytes;
        random = random * 1'664'525 + 1'013'904'223;  // the generator of Numerical Recipes
        from[at] = static_cast<uint8_t>(round >= 256 ? random >> 24 : byte == 0 ? x : byte == 1 ? y : round);
      }
      if (sora::ConvertColumns(layout, from.data(), *converted) == 0) {
        std::puts("not tested: this processor has no AVX-512 with VBMI and VNNI, so that libyuv converts everything");
        return;
      }
      REQUIRE_EQ(back(from.data(), layout.stride, expected->MutableDataY(), expected->StrideY(), expected->MutableDataU(),
                      expected->StrideU(), expected->MutableDataV(), expected->StrideV(), kWidth, kHeight),
                 0);
      const auto same = [](const uint8_t* a, const uint8_t* b, int size) { return std::memcmp(a, b, size) == 0; };
      REQUIRE(same(converted->DataY(), expected->DataY(), kWidth * kHeight));
      REQUIRE(same(converted->DataU(), expected->DataU(), expected->StrideU() * expected->ChromaHeight()));
      REQUIRE(same(converted->DataV(), expected->DataV(), expected->StrideV() * expected->ChromaHeight()));
    }
  }
}

TEST(video_vectors_leave_planes_and_narrow_frames_to_libyuv) {
  const auto from = webrtc::I420Buffer::Create(64, 2);
  std::vector<uint8_t> to(64 * 2 * 4);
  for (const uint32_t format : {SORA_VIDEO_FORMAT_I420, SORA_VIDEO_FORMAT_NV12})
    REQUIRE_EQ(sora::ConvertColumns(*from, sora::Layout(format, 64, 2, 0), to.data()), 0);
  const auto narrow = webrtc::I420Buffer::Create(63, 2);
  for (const Format& format : kFormats)
    REQUIRE_EQ(sora::ConvertColumns(*narrow, sora::Layout(format.format, 63, 2, 0), to.data()), 0);
}
