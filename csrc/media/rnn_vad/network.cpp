#include "media/rnn_vad/network.h"

#include "third_party/rnnoise/src/rnn_vad_weights.h"

namespace sora {

using namespace rnnoise;
using webrtc::rnn_vad::ActivationFunction;

VoiceNetwork::VoiceNetwork()
    : input_(kInputLayerInputSize, kInputLayerOutputSize, kInputDenseBias, kInputDenseWeights,
             ActivationFunction::kTansigApproximated, webrtc::GetAvailableCpuFeatures(), "input"),
      memory_(kInputLayerOutputSize, kHiddenLayerOutputSize, kHiddenGruBias, kHiddenGruWeights, kHiddenGruRecurrentWeights,
              webrtc::GetAvailableCpuFeatures(), "memory"),
      output_(kHiddenLayerOutputSize, kOutputLayerOutputSize, kOutputDenseBias, kOutputDenseWeights,
              ActivationFunction::kSigmoidApproximated, webrtc::GetAvailableCpuFeatures(), "output") {
  static_assert(kInputLayerInputSize == webrtc::rnn_vad::kFeatureVectorSize && kOutputLayerOutputSize == 1);
}

float VoiceNetwork::Next(rtc::ArrayView<const float, webrtc::rnn_vad::kFeatureVectorSize> features) {
  input_.ComputeOutput(features);
  memory_.ComputeOutput(input_);
  output_.ComputeOutput(memory_);
  return output_.data()[0];
}

}  // namespace sora
