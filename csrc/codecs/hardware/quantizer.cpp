#include "codecs/hardware/quantizer.h"

#include <algorithm>
#include <optional>

namespace sora {
namespace {

// A header of a slice is much shorter.
constexpr size_t kSliceHeader = 256;

bool IsSlice(webrtc::VideoCodecType codec, uint8_t header) {
  if (codec == webrtc::kVideoCodecH265) return (header >> 1 & 63) < 32;
  const int type = header & 31;
  return type >= 1 && type <= 5;
}

// The bytes of a unit's header. libwebrtc's parsers take them from every unit, and that of H265 ends the process where a unit, or what
// is left of it, is shorter.
size_t HeaderSize(webrtc::VideoCodecType codec) { return codec == webrtc::kVideoCodecH265 ? 2 : 1; }

// Where the header of the first slice ends at the latest, or a unit begins that is too short. libwebrtc's parser looks at every byte
// and copies all slices, which takes as long as the conversion of a frame.
size_t ThroughFirstSliceHeader(webrtc::VideoCodecType codec, const webrtc::EncodedImage& image) {
  const uint8_t* const data = image.data();
  const size_t header = HeaderSize(codec);
  size_t end = image.size();
  std::optional<size_t> unit;  // behind the start code before
  bool slice = false;
  for (size_t i = 0; i + 3 <= end; ++i) {
    if (data[i] != 0 || data[i + 1] != 0 || data[i + 2] != 1) continue;
    // A start code may have a fourth byte.
    const size_t unit_end = i > 0 && data[i - 1] == 0 ? i - 1 : i;
    if (unit && unit_end < *unit + header) return *unit - 3;
    unit = i + 3;
    if (!slice && *unit < end && IsSlice(codec, data[*unit])) {
      slice = true;
      end = std::min(end, *unit + kSliceHeader);
    }
    i += 2;
  }
  return unit && end < *unit + header ? *unit - 3 : end;
}

}  // namespace

int Quantizer::Read(webrtc::VideoCodecType codec, const webrtc::EncodedImage& image) {
  if (codec == webrtc::kVideoCodecAV1) return av1_.Read({image.data(), image.size()}).value_or(-1);
  const bool slices = codec == webrtc::kVideoCodecH264 || codec == webrtc::kVideoCodecH265;
  const auto quantizer =
      parser_.Parse(codec, 0, image.data(), slices ? ThroughFirstSliceHeader(codec, image) : image.size());
  return quantizer ? static_cast<int>(*quantizer) : -1;
}

}  // namespace sora
