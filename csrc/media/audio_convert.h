// Remixing and resampling of interleaved samples in slices of 10 ms.
#ifndef SORA_MEDIA_AUDIO_CONVERT_H
#define SORA_MEDIA_AUDIO_CONVERT_H

#include <cstdint>
#include <vector>

#include "common_audio/resampler/include/push_resampler.h"

namespace sora {

class AudioConverter {
 public:
  // Converts one slice of 10 ms (from_rate / 100 frames); the result is to_rate / 100 frames and is valid until the next
  // call. Without a change of format it is the input itself.
  const int16_t* Convert(const int16_t* samples, int from_rate, size_t from_channels, int to_rate, size_t to_channels);

 private:
  webrtc::PushResampler<int16_t> resampler_;
  std::vector<int16_t> remixed_, resampled_;
};

}  // namespace sora

#endif
