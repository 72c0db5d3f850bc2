#include "media/audio_convert.h"

#include <algorithm>
#include <array>

namespace sora {
namespace {

constexpr size_t kMaxChannels = 8;
constexpr int kOne = 1 << 15;
// libwebrtc's resampler has 32 taps whatever the rates are: too few to reduce the rate further at once without loss of level.
constexpr size_t kMaxStep = 4;
constexpr double kMinus3Db = 0.70710678118654752;
using Weights = std::array<int, kMaxChannels>;  // of kOne, by channel; they add up to kOne, so that nothing can clip

enum Speaker { kLeft, kRight, kCentre, kLowFrequency, kBackCentre, kLeftSurround, kRightSurround };

// The speakers of the channels, in the order of WAVE.
std::array<Speaker, kMaxChannels> Speakers(size_t channels) {
  switch (channels) {
    case 4: return {kLeft, kRight, kLeftSurround, kRightSurround};
    case 7: return {kLeft, kRight, kCentre, kLowFrequency, kBackCentre, kLeftSurround, kRightSurround};
    case 5: return {kLeft, kRight, kCentre, kLeftSurround, kRightSurround};
    default: return {kLeft, kRight, kCentre, kLowFrequency, kLeftSurround, kRightSurround, kLeftSurround, kRightSurround};
  }
}

// What the left of two channels gets of a speaker (ITU-R BS.775, annex 4); the right one is its mirror image. The low-frequency
// channel is left out.
double LeftWeight(Speaker speaker) {
  switch (speaker) {
    case kLeft: return 1;
    case kCentre:
    case kLeftSurround: return kMinus3Db;
    case kBackCentre: return 0.5;
    default: return 0;
  }
}

Speaker Mirrored(Speaker speaker) {
  switch (speaker) {
    case kLeft: return kRight;
    case kRight: return kLeft;
    case kLeftSurround: return kRightSurround;
    case kRightSurround: return kLeftSurround;
    default: return speaker;
  }
}

// The channels that output `out` of one or two is made of. One is the mean of two, as in the standard.
Weights MakeWeights(size_t from_channels, size_t to_channels, size_t out) {
  const auto speakers = Speakers(from_channels);
  std::array<double, kMaxChannels> parts{};
  double sum = 0;
  for (size_t in = 0; in < from_channels; ++in) {
    const double left = LeftWeight(speakers[in]), right = LeftWeight(Mirrored(speakers[in]));
    parts[in] = to_channels == 1 ? left + right : out == 0 ? left : right;
    sum += parts[in];
  }
  Weights weights{};
  int rest = kOne;
  for (size_t in = 0; in < from_channels; ++in) rest -= weights[in] = static_cast<int>(parts[in] / sum * kOne + 0.5);
  *std::max_element(weights.begin(), weights.end()) += rest;
  return weights;
}

}  // namespace

// From more channels to one or two.
const int16_t* AudioConverter::Downmix(const int16_t* samples, size_t frames, size_t from_channels, size_t to_channels) {
  remixed_.resize(frames * to_channels);
  for (size_t out = 0; out < to_channels; ++out) {
    const Weights weights = MakeWeights(from_channels, to_channels, out);
    const int16_t* from = samples;
    for (size_t i = 0; i < frames; ++i, from += from_channels) {
      int sum = kOne / 2;
      for (size_t in = 0; in < from_channels; ++in) sum += weights[in] * from[in];
      remixed_[i * to_channels + out] = static_cast<int16_t>(sum >> 15);
    }
  }
  return remixed_.data();
}

// From one channel to several.
const int16_t* AudioConverter::Upmix(const int16_t* samples, size_t frames, size_t to_channels) {
  remixed_.resize(frames * to_channels);
  for (size_t i = 0; i < frames; ++i) std::fill_n(&remixed_[i * to_channels], to_channels, samples[i]);
  return remixed_.data();
}

AudioConverter::Stage::Stage(size_t from, size_t to, size_t channels)
    : from_frames(from), to_frames(to), channel_in(from), channel_out(to), resampled(to * channels) {
  for (size_t channel = 0; channel < channels; ++channel)
    resamplers.push_back(std::make_unique<webrtc::PushSincResampler>(from, to));
}

const int16_t* AudioConverter::Stage::Run(const int16_t* samples) {
  const size_t channels = resamplers.size();
  for (size_t channel = 0; channel < channels; ++channel) {
    for (size_t i = 0; i < from_frames; ++i) channel_in[i] = samples[i * channels + channel];
    resamplers[channel]->Resample(channel_in.data(), from_frames, channel_out.data(), to_frames);
    for (size_t i = 0; i < to_frames; ++i) resampled[i * channels + channel] = channel_out[i];
  }
  return resampled.data();
}

const int16_t* AudioConverter::Resample(const int16_t* samples, size_t from_frames, size_t to_frames, size_t channels) {
  if (from_frames != from_frames_ || to_frames != to_frames_ || channels != resampled_channels_) {
    from_frames_ = from_frames;
    to_frames_ = to_frames;
    resampled_channels_ = channels;
    stages_.clear();
    // Intermediate stages, from the highest rate to the lowest.
    size_t between = to_frames;
    while (between * kMaxStep < from_frames) between *= kMaxStep;
    for (; between > to_frames; between /= kMaxStep) {
      stages_.emplace_back(from_frames, between, channels);
      from_frames = between;
    }
    stages_.emplace_back(from_frames, to_frames, channels);
  }
  for (Stage& stage : stages_) samples = stage.Run(samples);
  return samples;
}

const int16_t* AudioConverter::Convert(const int16_t* samples, int slice_ms, int from_rate, size_t from_channels,
                                       int to_rate, size_t to_channels) {
  const size_t from_frames = SliceFrames(from_rate, slice_ms), to_frames = SliceFrames(to_rate, slice_ms);
  if (from_channels > to_channels) samples = Downmix(samples, from_frames, from_channels, to_channels);
  if (from_rate != to_rate) samples = Resample(samples, from_frames, to_frames, std::min(from_channels, to_channels));
  if (from_channels < to_channels) samples = Upmix(samples, to_frames, to_channels);
  return samples;
}

}  // namespace sora
