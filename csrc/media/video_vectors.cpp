#include "media/byte_order.h"
#include "media/pages_ahead.h"
#include "media/video_vectors.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <libyuv.h>
#endif

namespace sora {
#ifdef __x86_64__
namespace vectors {
namespace {

// With VBMI, for the permutation of single bytes: processors without it (Intel's before Ice Lake) slow down for such vectors.
// Zig turns off what is not named, evex512 as well.
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,evex512"))), apply_to = function)

using Vector = __m512i;

constexpr int kPixels = 64;  // at a time, as many as a vector has bytes
// ITU-R BT.601, limited range, as libyuv has it: 6 fractional bits, those of chroma in a byte, which ends at 128 for blue.
constexpr int kLuma = 18'997, kBias = -1'160;  // of 16 bits that hold Y twice, its upper half
constexpr int kUToBlue = 128, kUToGreen = 25, kVToGreen = 52, kVToRed = 102;

// What chroma adds to a component, for the lower and the upper 8 of each 16 pixels.
struct Added {
  Vector low, high;
};

Vector Words(int low_byte, int high_byte) { return _mm512_set1_epi16(static_cast<short>(high_byte << 8 | low_byte)); }

Added Twice(Vector words) { return {_mm512_unpacklo_epi16(words, words), _mm512_unpackhi_epi16(words, words)}; }

// The bytes of a component, clamped.
Vector Component(const Added& luma, const Added& chroma) {
  return _mm512_packus_epi16(_mm512_srai_epi16(_mm512_adds_epi16(luma.low, chroma.low), 6),
                             _mm512_srai_epi16(_mm512_adds_epi16(luma.high, chroma.high), 6));
}

// Which bytes of two components pixels of three bytes take, in each of their three vectors, and which ones the third component
// then replaces with its own.
template <int kPart>
constexpr ByteOrder kTriples([](int at) {
  const int byte = kPart * kPixels + at;
  return byte / 3 | (byte % 3 == 1 ? kPixels : 0);
});
template <int kPart>
constexpr uint64_t kThird = [] {
  uint64_t bits = 0;
  for (int at = 0; at < kPixels; ++at) bits |= static_cast<uint64_t>((kPart * kPixels + at) % 3 == 2) << at;
  return bits;
}();

template <int kPart>
void StorePart(Vector first, Vector second, Vector third, uint8_t* to) {
  const Vector order = _mm512_load_si512(kTriples<kPart>.indices);
  const Vector two = _mm512_permutex2var_epi8(first, order, second);
  _mm512_storeu_si512(to + kPart * kPixels, _mm512_mask_permutexvar_epi8(two, kThird<kPart>, order, third));
}

// Pixels of three bytes each.
void StoreTriples(Vector first, Vector second, Vector third, uint8_t* to) {
  StorePart<0>(first, second, third, to);
  StorePart<1>(first, second, third, to);
  StorePart<2>(first, second, third, to);
}

// Pixels of four bytes each, the last one opaque; their order is that of `quarters` in ConvertRow.
void StoreQuadruples(Vector first, Vector second, Vector third, uint8_t* to) {
  const Vector opaque = _mm512_set1_epi8(-1);
  const Vector front[] = {_mm512_unpacklo_epi8(first, second), _mm512_unpackhi_epi8(first, second)};
  const Vector back[] = {_mm512_unpacklo_epi8(third, opaque), _mm512_unpackhi_epi8(third, opaque)};
  for (int half = 0; half < 2; ++half) {
    _mm512_storeu_si512(to + 2 * half * kPixels, _mm512_unpacklo_epi16(front[half], back[half]));
    _mm512_storeu_si512(to + (2 * half + 1) * kPixels, _mm512_unpackhi_epi16(front[half], back[half]));
  }
}

template <int kBytes, bool kRedFirst>
void ConvertRow(const uint8_t* y, const uint8_t* u, const uint8_t* v, uint8_t* to, int columns) {
  // Interleaving leaves parts of 4 pixels where they are in their 16: every fourth part of the source goes next to each other.
  const Vector quarters = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const Vector zero = _mm512_set1_epi8(-128), bias = _mm512_set1_epi16(kBias), scale = _mm512_set1_epi16(kLuma);
  for (int x = 0; x < columns; x += kPixels) {
    Vector uv = _mm512_or_si512(
        _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(u + x / 2))),
        _mm512_slli_epi16(_mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(v + x / 2))), 8));
    uv = _mm512_xor_si512(uv, zero);
    if (kBytes == 4) uv = _mm512_permutexvar_epi32(quarters, uv);
    const Added blue = Twice(_mm512_add_epi16(bias, _mm512_maddubs_epi16(Words(kUToBlue, 0), uv)));
    const Added green = Twice(_mm512_sub_epi16(bias, _mm512_maddubs_epi16(Words(kUToGreen, kVToGreen), uv)));
    const Added red = Twice(_mm512_add_epi16(bias, _mm512_maddubs_epi16(Words(0, kVToRed), uv)));
    Vector bytes = _mm512_loadu_si512(y + x);
    if (kBytes == 4) bytes = _mm512_permutexvar_epi32(quarters, bytes);
    const Added luma = {_mm512_mulhi_epu16(_mm512_unpacklo_epi8(bytes, bytes), scale),
                        _mm512_mulhi_epu16(_mm512_unpackhi_epi8(bytes, bytes), scale)};
    const Vector first = Component(luma, kRedFirst ? red : blue), third = Component(luma, kRedFirst ? blue : red);
    uint8_t* const out = to + static_cast<size_t>(x) * kBytes;
    if constexpr (kBytes == 4) {
      StoreQuadruples(first, Component(luma, green), third, out);
    } else {
      StoreTriples(first, Component(luma, green), third, out);
    }
  }
}

// Row by row, although two rows share one of chroma: memory takes one stream of writes much faster than two.
template <int kBytes, bool kRedFirst>
void ConvertFrame(const webrtc::I420BufferInterface& from, const VideoLayout& l, uint8_t* to, int columns) {
  const int chroma_rows = (l.height + 1) / 2;
  RowsAhead y(from.DataY(), from.StrideY(), l.height), u(from.DataU(), from.StrideU(), chroma_rows),
      v(from.DataV(), from.StrideV(), chroma_rows), out(to, l.stride, l.height);
  for (int row = 0; row < l.height; ++row) {
    y.Reach(row);
    u.Reach(row / 2);
    v.Reach(row / 2);
    out.Reach(row);
    ConvertRow<kBytes, kRedFirst>(from.DataY() + static_cast<ptrdiff_t>(row) * from.StrideY(),
                                  from.DataU() + static_cast<ptrdiff_t>(row / 2) * from.StrideU(),
                                  from.DataV() + static_cast<ptrdiff_t>(row / 2) * from.StrideV(),
                                  to + static_cast<size_t>(row) * l.stride, columns);
  }
}

#pragma clang attribute pop

}  // namespace
}  // namespace vectors

int ConvertColumns(const webrtc::I420BufferInterface& from, const VideoLayout& layout, uint8_t* to) {
  static const bool supported =
      libyuv::TestCpuFlag(libyuv::kCpuHasAVX512VBMI) && libyuv::TestCpuFlag(libyuv::kCpuHasAVX512BW);
  const int columns = layout.width / vectors::kPixels * vectors::kPixels;
  if (!supported || columns == 0) return 0;
  switch (layout.format) {
    case SORA_VIDEO_FORMAT_BGR: vectors::ConvertFrame<3, false>(from, layout, to, columns); return columns;
    case SORA_VIDEO_FORMAT_RGB: vectors::ConvertFrame<3, true>(from, layout, to, columns); return columns;
    case SORA_VIDEO_FORMAT_BGRA: vectors::ConvertFrame<4, false>(from, layout, to, columns); return columns;
    case SORA_VIDEO_FORMAT_RGBA: vectors::ConvertFrame<4, true>(from, layout, to, columns); return columns;
    case SORA_VIDEO_FORMAT_I420:
    case SORA_VIDEO_FORMAT_NV12: break;
  }
  return 0;
}

#else

int ConvertColumns(const webrtc::I420BufferInterface&, const VideoLayout&, uint8_t*) { return 0; }

#endif
}  // namespace sora
