// The quantizers of a stream's frames, out of the bitstream.
#ifndef SORA_CODECS_HARDWARE_QUANTIZER_H
#define SORA_CODECS_HARDWARE_QUANTIZER_H

#include "api/video/encoded_image.h"
#include "codecs/hardware/av1_quantizer.h"
#include "modules/video_coding/utility/qp_parser.h"

namespace sora {

class Quantizer {
 public:
  // On the codec's scale; -1 if it cannot be read.
  int Read(webrtc::VideoCodecType codec, const webrtc::EncodedImage& image) {
    if (codec == webrtc::kVideoCodecAV1) return av1_.Read({image.data(), image.size()}).value_or(-1);
    const auto quantizer = parser_.Parse(codec, 0, image.data(), image.size());
    return quantizer ? static_cast<int>(*quantizer) : -1;
  }

 private:
  Av1Quantizer av1_;
  webrtc::QpParser parser_;
};

}  // namespace sora

#endif
