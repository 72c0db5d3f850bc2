// The recurrent network of libwebrtc's voice activity detector, from libwebrtc's layers and trained weights.
//
// It stands beside libwebrtc's own class RnnVad, because the libwebrtc that we link was built without the weights: there, RnnVad has
// no members and always says 0.
#ifndef SORA_MEDIA_RNN_VAD_NETWORK_H
#define SORA_MEDIA_RNN_VAD_NETWORK_H

#include "modules/audio_processing/agc2/rnn_vad/common.h"
#include "modules/audio_processing/agc2/rnn_vad/rnn_fc.h"
#include "modules/audio_processing/agc2/rnn_vad/rnn_gru.h"

namespace sora {

class VoiceNetwork {
 public:
  VoiceNetwork();

  // The probability of voice, 0 to 1, after what was heard before.
  float Next(rtc::ArrayView<const float, webrtc::rnn_vad::kFeatureVectorSize> features);

  // Forgets what was heard.
  void Reset() { memory_.Reset(); }

 private:
  webrtc::rnn_vad::FullyConnectedLayer input_;
  webrtc::rnn_vad::GatedRecurrentLayer memory_;
  webrtc::rnn_vad::FullyConnectedLayer output_;
};

}  // namespace sora

#endif
