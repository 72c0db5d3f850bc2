// The quantizers of a stream's frames, out of the bitstream.
#ifndef SORA_CODECS_HARDWARE_QUANTIZER_H
#define SORA_CODECS_HARDWARE_QUANTIZER_H

#include <cstddef>

#include "api/video/encoded_image.h"
#include "codecs/hardware/av1_quantizer.h"
#include "modules/video_coding/utility/qp_parser.h"

namespace sora {

class Quantizer {
 public:
  // On the codec's scale; -1 if it cannot be read. Of H264 and H265 that of the first slice.
  int Read(webrtc::VideoCodecType codec, const webrtc::EncodedImage& image);

 private:
  Av1Quantizer av1_;
  webrtc::QpParser parser_;
};

}  // namespace sora

#endif
