#include "media/audio_convert.h"

#include "core/result.h"

namespace sora {
namespace {

// To one channel: the mean of all. From one: the same on both. From more to two: the even ones left, the odd ones right.
void Remix(const int16_t* from, size_t frames, size_t from_channels, size_t to_channels, int16_t* to) {
  for (size_t i = 0; i < frames; ++i, from += from_channels, to += to_channels) {
    for (size_t out = 0; out < to_channels; ++out) {
      if (from_channels == 1) {
        to[out] = from[0];
        continue;
      }
      int sum = 0, count = 0;
      for (size_t in = to_channels == 1 ? 0 : out; in < from_channels; in += to_channels) {
        sum += from[in];
        ++count;
      }
      to[out] = static_cast<int16_t>(sum / count);
    }
  }
}

}  // namespace

const int16_t* AudioConverter::Convert(const int16_t* samples, int from_rate, size_t from_channels, int to_rate,
                                       size_t to_channels) {
  const size_t from_frames = static_cast<size_t>(from_rate / 100), to_frames = static_cast<size_t>(to_rate / 100);
  if (from_channels != to_channels) {
    remixed_.resize(from_frames * to_channels);
    Remix(samples, from_frames, from_channels, to_channels, remixed_.data());
    samples = remixed_.data();
  }
  if (from_rate == to_rate) return samples;
  resampled_.resize(to_frames * to_channels);
  if (resampler_.InitializeIfNeeded(from_rate, to_rate, to_channels) != 0 ||
      resampler_.Resample(samples, from_frames * to_channels, resampled_.data(), resampled_.size()) < 0)
    throw Error(SORA_ERROR_INTERNAL, "libwebrtc's resampler refused the conversion");
  return resampled_.data();
}

}  // namespace sora
