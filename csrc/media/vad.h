// The object behind sora_vad_*.
#ifndef SORA_MEDIA_VAD_H
#define SORA_MEDIA_VAD_H

#include <mutex>
#include <vector>

#include "core/object.h"
#include "media/audio_convert.h"
#include "modules/audio_processing/agc2/rnn_vad/features_extraction.h"
#include "modules/audio_processing/agc2/rnn_vad/rnn.h"

namespace sora {

class Vad : public Object {
 public:
  static constexpr Kind kKind = Kind::kVad;

  Vad();

  // Returns how many slices of 10 ms were analysed.
  uint32_t Analyze(const int16_t* samples, size_t frames, int sample_rate, size_t channels, double* probability);

 private:
  std::mutex mutex_;
  AudioConverter converter_;
  webrtc::rnn_vad::FeaturesExtractor extractor_;
  webrtc::rnn_vad::RnnVad network_;
  int sample_rate_ = 0;
  size_t channels_ = 0;
  std::vector<int16_t> pending_;
  double probability_ = 0;
};

}  // namespace sora

#endif
