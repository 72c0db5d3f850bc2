// Remixing and resampling of interleaved samples in slices.
#ifndef SORA_MEDIA_AUDIO_CONVERT_H
#define SORA_MEDIA_AUDIO_CONVERT_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common_audio/resampler/push_sinc_resampler.h"

namespace sora {

// The shortest slice of whole frames, in ms: 10, but 20 at 22,050 Hz and 40 at 11,025 Hz.
constexpr int SliceMs(int sample_rate) { return sample_rate % 100 == 0 ? 10 : sample_rate % 50 == 0 ? 20 : 40; }
constexpr size_t SliceFrames(int sample_rate, int slice_ms) {
  return static_cast<size_t>(sample_rate) * static_cast<size_t>(slice_ms) / 1000;
}

class AudioConverter {
 public:
  // Converts one slice of slice_ms, whole frames at both rates; the result is valid until the next call. Without a change of
  // format it is the input itself.
  const int16_t* Convert(const int16_t* samples, int slice_ms, int from_rate, size_t from_channels, int to_rate,
                         size_t to_channels);

 private:
  size_t from_frames_ = 0, to_frames_ = 0;
  std::vector<std::unique_ptr<webrtc::PushSincResampler>> resamplers_;  // one for each channel
  std::vector<int16_t> remixed_, channel_in_, channel_out_, resampled_;
};

}  // namespace sora

#endif
