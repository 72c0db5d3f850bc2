// Remixing and resampling of interleaved samples, slice by slice.
#ifndef SORA_MEDIA_AUDIO_CONVERT_H
#define SORA_MEDIA_AUDIO_CONVERT_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common_audio/resampler/push_sinc_resampler.h"

namespace sora {

// The length of a slice, the shortest of whole frames: 10 ms, but 20 ms at 22,050 Hz and 40 ms at 11,025 Hz.
constexpr int SliceMs(int sample_rate) { return sample_rate % 100 == 0 ? 10 : sample_rate % 50 == 0 ? 20 : 40; }
constexpr size_t SliceFrames(int sample_rate, int slice_ms) {
  return static_cast<size_t>(sample_rate) * static_cast<size_t>(slice_ms) / 1000;
}

// Channels are in the order of WAVE: left, right, centre, low frequency, back centre or back left and right, side left and
// right; 4 and 5 channels end with left and right surround and have no low-frequency channel. More than two channels are mixed
// down to two by ITU-R BS.775: centre and surround go to both sides or their own at -3 dB, all scaled so that nothing can clip.
// One channel is the mean of two.
class AudioConverter {
 public:
  // Converts one slice of slice_ms, whole frames at both rates, from 1 to 8 channels to as many, 1 or 2; the result is valid
  // until the next call. Without a change of format it is the input itself. Resampling is done on the smaller number of
  // channels.
  const int16_t* Convert(const int16_t* samples, int slice_ms, int from_rate, size_t from_channels, int to_rate,
                         size_t to_channels);

 private:
  const int16_t* Downmix(const int16_t* samples, size_t frames, size_t from_channels, size_t to_channels);
  const int16_t* Upmix(const int16_t* samples, size_t frames, size_t to_channels);
  const int16_t* Resample(const int16_t* samples, size_t from_frames, size_t to_frames, size_t channels);

  struct Stage {
    Stage(size_t from, size_t to, size_t channels);
    const int16_t* Run(const int16_t* samples);

    const size_t from_frames, to_frames;
    std::vector<std::unique_ptr<webrtc::PushSincResampler>> resamplers;  // one for each channel
    std::vector<int16_t> channel_in, channel_out, resampled;
  };

  size_t from_frames_ = 0, to_frames_ = 0, resampled_channels_ = 0;  // of stages_
  std::vector<Stage> stages_;
  std::vector<int16_t> remixed_;
};

}  // namespace sora

#endif
