// What a VPL encoder is opened with: the structure of the interface, and those that it points to.
#ifndef SORA_CODECS_VPL_ENCODER_PARAMETERS_H
#define SORA_CODECS_VPL_ENCODER_PARAMETERS_H

#include <array>
#include <vector>

#include "codecs/vpl/library.h"

namespace sora {

class VplEncoderParameters {
 public:
  explicit VplEncoderParameters(const EncoderSettings& settings);
  VplEncoderParameters(const VplEncoderParameters&) = delete;
  VplEncoderParameters& operator=(const VplEncoderParameters&) = delete;

  void SetRates(const Rates& rates);
  // Has the driver complete and correct the parameters, and returns its answer.
  mfxStatus Query(const VplSession& session);
  // Whether the driver left the temporal layers as they are.
  bool KeptLayers() const;

  mfxVideoParam& get() { return parameters_; }
  // The same with one more structure, which must live as long.
  mfxVideoParam With(mfxExtBuffer& buffer);

 private:
  void SetLayers(webrtc::VideoCodecType codec);
  void SetVp9LayerRates();

  const int layers_;
  mfxVideoParam parameters_{};
  mfxExtCodingOption coding_{};
  mfxExtAV1BitstreamParam av1_{};
  mfxExtVP9Param vp9_{};
  mfxExtAvcTemporalLayers h264_layers_{};
  mfxExtVP9TemporalLayers vp9_layers_{};
  mfxExtTemporalLayers av1_layers_{};
  std::array<mfxTemporalLayer, 3> av1_rates_{};
  std::vector<mfxExtBuffer*> buffers_, more_;
};

template <typename Buffer>
void SetHeader(Buffer& buffer, mfxU32 id) {
  buffer.Header.BufferId = id;
  buffer.Header.BufferSz = sizeof(Buffer);
}

}  // namespace sora

#endif
