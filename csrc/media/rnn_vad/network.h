// The recurrent network of libwebrtc's voice activity detector, from libwebrtc's layers and trained weights.
//
// It replaces libwebrtc's own class RnnVad: the libwebrtc that we link was built without the weights, and its RnnVad has no
// members and always returns 0.
#ifndef SORA_MEDIA_RNN_VAD_NETWORK_H
#define SORA_MEDIA_RNN_VAD_NETWORK_H

#include "modules/audio_processing/agc2/rnn_vad/common.h"
#include "modules/audio_processing/agc2/rnn_vad/rnn_fc.h"
#include "modules/audio_processing/agc2/rnn_vad/rnn_gru.h"

namespace sora {

class VoiceNetwork {
 public:
  VoiceNetwork();

  // The probability of voice, 0 to 1, given the features before.
  float Next(rtc::ArrayView<const float, webrtc::rnn_vad::kFeatureVectorSize> features);

  // Forgets the features before.
  void Reset() { memory_.Reset(); }

 private:
  webrtc::rnn_vad::FullyConnectedLayer input_;
  webrtc::rnn_vad::GatedRecurrentLayer memory_;
  webrtc::rnn_vad::FullyConnectedLayer output_;
};

}  // namespace sora

#endif
