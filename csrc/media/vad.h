// The object behind sora_vad_*.
#ifndef SORA_MEDIA_VAD_H
#define SORA_MEDIA_VAD_H

#include <mutex>
#include <vector>

#include "core/object.h"
#include "media/audio_convert.h"
#include "media/rnn_vad/network.h"
#include "media/tone_detector.h"
#include "modules/audio_processing/agc2/rnn_vad/features_extraction.h"

namespace sora {

// The network takes a steady tone for a sustained voice (all it finds is a pitch), so tones are detected separately.
class Vad : public Object {
 public:
  static constexpr Kind kKind = Kind::kVad;

  Vad();

  // Returns how many blocks were analysed.
  uint32_t Analyze(const int16_t* samples, size_t frames, int sample_rate, size_t channels, double* probability);

 private:
  void AnalyzeBlock(const int16_t* mono);

  std::mutex mutex_;
  AudioConverter converter_;
  webrtc::rnn_vad::FeaturesExtractor features_;
  VoiceNetwork network_;
  ToneDetector tone_;
  int sounding_ = 0;  // blocks since the last that was silent or a tone
  int heard_ = 0;     // blocks since the first that was not silent
  int sample_rate_ = 0;
  size_t channels_ = 0;
  std::vector<int16_t> pending_;
  double probability_ = 0;
};

}  // namespace sora

#endif
