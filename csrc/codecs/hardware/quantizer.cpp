#include "codecs/hardware/quantizer.h"

#include <algorithm>

namespace sora {
namespace {

// A header of a slice is much shorter.
constexpr size_t kSliceHeader = 256;

bool IsSlice(webrtc::VideoCodecType codec, uint8_t header) {
  if (codec == webrtc::kVideoCodecH265) return (header >> 1 & 63) < 32;
  const int type = header & 31;
  return type >= 1 && type <= 5;
}

// Where the header of the first slice ends at the latest. libwebrtc's parser looks at every byte and copies all slices, which
// takes as long as the conversion of a frame.
size_t ThroughFirstSliceHeader(webrtc::VideoCodecType codec, const webrtc::EncodedImage& image) {
  const uint8_t* const data = image.data();
  for (size_t i = 0; i + 3 < image.size(); ++i)
    if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1 && IsSlice(codec, data[i + 3]))
      return std::min(image.size(), i + 3 + kSliceHeader);
  return image.size();
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
