// The object behind sora_vad_*.
#ifndef SORA_MEDIA_VAD_H
#define SORA_MEDIA_VAD_H

#include <memory>
#include <mutex>
#include <vector>

#include "core/object.h"
#include "media/audio_convert.h"

struct DenoiseState;

namespace sora {

// Xiph's RNNoise, of which libwebrtc's own detector is a port; Debian's libwebrtc comes without that port's trained model.
class Vad : public Object {
 public:
  static constexpr Kind kKind = Kind::kVad;

  Vad();

  // Returns how many slices of 10 ms were analysed.
  uint32_t Analyze(const int16_t* samples, size_t frames, int sample_rate, size_t channels, double* probability);

 private:
  std::mutex mutex_;
  AudioConverter converter_;
  std::unique_ptr<DenoiseState, void (*)(DenoiseState*)> network_;
  int sample_rate_ = 0;
  size_t channels_ = 0;
  std::vector<int16_t> pending_;
  double probability_ = 0;
};

}  // namespace sora

#endif
