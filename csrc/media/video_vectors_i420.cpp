#include "media/byte_order.h"
#include "media/pages_ahead.h"
#include "media/video_vectors.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <libyuv.h>
#endif

namespace sora {
#ifdef __x86_64__
namespace i420_vectors {
namespace {

// As in video_vectors.cpp, with sums of four products of bytes.
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vnni,evex512"))), \
                             apply_to = function)

using Vector = __m512i;

constexpr int kPixels = 64;  // at a time
constexpr int kVectors = 4;  // that hold them with four bytes each

// ITU-R BT.601, limited range, as libyuv has it: 8 fractional bits, for red, green and blue.
constexpr int kY[] = {66, 129, 25}, kU[] = {-38, -74, 112}, kV[] = {112, -94, -18};
constexpr int kYBias = 0x1080, kChromaBias = 0x8000;

// The factors of a pixel's components in the order of their bytes.
template <bool kRedFirst>
Vector Factors(const int (&of)[3]) {
  const auto byte = [](int factor, int at) { return (factor & 0xff) << (8 * at); };
  return _mm512_set1_epi32(byte(of[0], kRedFirst ? 0 : 2) | byte(of[1], 1) | byte(of[2], kRedFirst ? 2 : 0));
}

// Pixels of three bytes, each with a byte of the next one. The last 16 pixels are read with some that were read before.
constexpr ByteOrder kSpread([](int at) { return at / 4 * 3 + at % 4; });
constexpr ByteOrder kSpreadLast([](int at) { return 16 + (at / 4 * 3 + at % 4) % 48; });
// The components of two pixels next to each other.
constexpr ByteOrder kPairs([](int at) { return at / 8 * 8 + at % 8 / 2 + at % 2 * 4; });
// The bytes above 8 fractional bits, of sums in two vectors.
constexpr ByteOrder kWhole([](int at) { return at % 32 * 4 + 1; });
// The same of 4 vectors with 8 sums each, which packing has put into two: parts of 64 bits of two vectors in turns.
constexpr ByteOrder kPackedWhole([](int at) {
  const int vector = at % 32 / 8, sum = at % 8;
  return vector / 2 * 64 + (sum / 2 * 2 + vector % 2) * 8 + sum % 2 * 4 + 1;
});

Vector Bytes(const ByteOrder& order) { return _mm512_load_si512(order.indices); }

template <int kBytes>
void Load(const uint8_t* from, Vector (&pixels)[kVectors]) {
  for (int part = 0; part < kVectors; ++part) {
    if constexpr (kBytes == 4) {
      pixels[part] = _mm512_loadu_si512(from + part * 64);
    } else if (part + 1 < kVectors) {
      pixels[part] = _mm512_permutexvar_epi8(Bytes(kSpread), _mm512_loadu_si512(from + part * 48));
    } else {
      pixels[part] = _mm512_permutexvar_epi8(Bytes(kSpreadLast), _mm512_loadu_si512(from + 128));
    }
  }
}

// The whole parts of two vectors of sums, in the lower half.
__m256i Whole(Vector first, Vector second, const ByteOrder& order) {
  return _mm512_castsi512_si256(_mm512_permutex2var_epi8(first, Bytes(order), second));
}

void Store(uint8_t* to, __m256i bytes) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), bytes); }

template <bool kRedFirst>
void StoreLuma(const Vector (&pixels)[kVectors], uint8_t* to) {
  // Of the two factors of a product one is signed: the pixels less 128, as 129 does not fit.
  const Vector bias = _mm512_set1_epi32(kYBias + 128 * (kY[0] + kY[1] + kY[2])), factors = Factors<kRedFirst>(kY);
  Vector sums[kVectors];
  for (int part = 0; part < kVectors; ++part)
    sums[part] = _mm512_dpbusd_epi32(bias, factors, _mm512_xor_si512(pixels[part], _mm512_set1_epi8(-128)));
  Store(to, Whole(sums[0], sums[1], kWhole));
  Store(to + 32, Whole(sums[2], sums[3], kWhole));
}

// The sums of components of pixels next to each other, as words.
Vector Pairs(Vector pixels) { return _mm512_maddubs_epi16(_mm512_shuffle_epi8(pixels, Bytes(kPairs)), _mm512_set1_epi8(1)); }

template <bool kRedFirst>
void StoreChroma(const Vector (&upper)[kVectors], const Vector (&lower)[kVectors], uint8_t* u, uint8_t* v) {
  Vector means[kVectors];
  for (int part = 0; part < kVectors; ++part) {
    const Vector sum = _mm512_add_epi16(Pairs(upper[part]), Pairs(lower[part]));
    means[part] = _mm512_srli_epi16(_mm512_add_epi16(sum, _mm512_set1_epi16(2)), 2);
  }
  const Vector first = _mm512_packus_epi16(means[0], means[1]), second = _mm512_packus_epi16(means[2], means[3]);
  const Vector bias = _mm512_set1_epi32(kChromaBias);
  const Vector to_u = Factors<kRedFirst>(kU), to_v = Factors<kRedFirst>(kV);
  Store(u, Whole(_mm512_dpbusd_epi32(bias, first, to_u), _mm512_dpbusd_epi32(bias, second, to_u), kPackedWhole));
  Store(v, Whole(_mm512_dpbusd_epi32(bias, first, to_v), _mm512_dpbusd_epi32(bias, second, to_v), kPackedWhole));
}

template <int kBytes, bool kRedFirst>
void ConvertFrame(const VideoLayout& l, const uint8_t* from, const I420Planes& to, int columns) {
  RowsAhead ahead(from, l.stride, l.height);
  for (int row = 0; row < l.height; ++row) {
    ahead.Reach(row);
    const uint8_t* const lower = from + static_cast<size_t>(row) * l.stride;
    uint8_t* const y = to.y + static_cast<ptrdiff_t>(row) * to.y_stride;
    uint8_t* const u = to.u + static_cast<ptrdiff_t>(row / 2) * to.u_stride;
    uint8_t* const v = to.v + static_cast<ptrdiff_t>(row / 2) * to.v_stride;
    // Memory gives one row after the other much faster than two side by side; the upper one is still in the smallest cache when
    // it is read again. Below the last row of an odd number is nothing: it counts twice.
    const bool even = row % 2 == 0, chroma = !even || row + 1 == l.height;
    const uint8_t* const upper = even ? lower : lower - l.stride;
    for (int x = 0; x < columns; x += kPixels) {
      Vector first[kVectors], second[kVectors];
      Load<kBytes>(lower + static_cast<size_t>(x) * kBytes, second);
      StoreLuma<kRedFirst>(second, y + x);
      if (!chroma) continue;
      Load<kBytes>(upper + static_cast<size_t>(x) * kBytes, first);
      StoreChroma<kRedFirst>(first, second, u + x / 2, v + x / 2);
    }
  }
}

#pragma clang attribute pop

}  // namespace
}  // namespace i420_vectors

int ConvertColumns(const VideoLayout& layout, const uint8_t* from, const I420Planes& to) {
  using namespace i420_vectors;
  static const bool supported = libyuv::TestCpuFlag(libyuv::kCpuHasAVX512VBMI) &&
                                libyuv::TestCpuFlag(libyuv::kCpuHasAVX512VNNI) &&
                                libyuv::TestCpuFlag(libyuv::kCpuHasAVX512BW);
  const int columns = layout.width / kPixels * kPixels;
  if (!supported || columns == 0) return 0;
  switch (layout.format) {
    case SORA_VIDEO_FORMAT_BGR: ConvertFrame<3, false>(layout, from, to, columns); return columns;
    case SORA_VIDEO_FORMAT_RGB: ConvertFrame<3, true>(layout, from, to, columns); return columns;
    case SORA_VIDEO_FORMAT_BGRA: ConvertFrame<4, false>(layout, from, to, columns); return columns;
    case SORA_VIDEO_FORMAT_RGBA: ConvertFrame<4, true>(layout, from, to, columns); return columns;
    case SORA_VIDEO_FORMAT_I420:
    case SORA_VIDEO_FORMAT_NV12: break;
  }
  return 0;
}

#else

int ConvertColumns(const VideoLayout&, const uint8_t*, const I420Planes&) { return 0; }

#endif
}  // namespace sora
