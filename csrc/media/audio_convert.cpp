#include "media/audio_convert.h"

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

const int16_t* AudioConverter::Convert(const int16_t* samples, int slice_ms, int from_rate, size_t from_channels,
                                       int to_rate, size_t to_channels) {
  const size_t from_frames = SliceFrames(from_rate, slice_ms), to_frames = SliceFrames(to_rate, slice_ms);
  if (from_channels != to_channels) {
    remixed_.resize(from_frames * to_channels);
    Remix(samples, from_frames, from_channels, to_channels, remixed_.data());
    samples = remixed_.data();
  }
  if (from_rate == to_rate) return samples;
  if (from_frames != from_frames_ || to_frames != to_frames_ || resamplers_.size() != to_channels) {
    from_frames_ = from_frames;
    to_frames_ = to_frames;
    resamplers_.clear();
    for (size_t channel = 0; channel < to_channels; ++channel)
      resamplers_.push_back(std::make_unique<webrtc::PushSincResampler>(from_frames, to_frames));
    channel_in_.resize(from_frames);
    channel_out_.resize(to_frames);
    resampled_.resize(to_frames * to_channels);
  }
  for (size_t channel = 0; channel < to_channels; ++channel) {
    for (size_t i = 0; i < from_frames; ++i) channel_in_[i] = samples[i * to_channels + channel];
    resamplers_[channel]->Resample(channel_in_.data(), from_frames, channel_out_.data(), to_frames);
    for (size_t i = 0; i < to_frames; ++i) resampled_[i * to_channels + channel] = channel_out_[i];
  }
  return resampled_.data();
}

}  // namespace sora
