#include "media/vad.h"

#include <rnnoise.h>

#include <algorithm>
#include <array>

namespace sora {
namespace {
constexpr int kSampleRate = 48'000;
constexpr size_t kFrames = kSampleRate / 100;
}  // namespace

Vad::Vad() : network_(rnnoise_create(nullptr), rnnoise_destroy) {
  if (!network_ || rnnoise_get_frame_size() != static_cast<int>(kFrames))
    throw Error(SORA_ERROR_INTERNAL, "RNNoise could not be started");
}

uint32_t Vad::Analyze(const int16_t* samples, size_t frames, int sample_rate, size_t channels, double* probability) {
  std::lock_guard lock(mutex_);
  if (sample_rate != sample_rate_ || channels != channels_) {
    pending_.clear();
    sample_rate_ = sample_rate;
    channels_ = channels;
  }
  const int slice_ms = SliceMs(sample_rate);
  const size_t slice = SliceFrames(sample_rate, slice_ms) * channels;
  uint32_t analysed = 0;
  for (size_t left = frames * channels; left > 0;) {
    const size_t count = std::min(left, slice - pending_.size());
    pending_.insert(pending_.end(), samples, samples + count);
    samples += count;
    left -= count;
    if (pending_.size() < slice) break;
    const int16_t* mono = converter_.Convert(pending_.data(), slice_ms, sample_rate, channels, kSampleRate, 1);
    for (int ms = 0; ms < slice_ms; ms += 10, mono += kFrames, ++analysed) {
      std::array<float, kFrames> frame;  // RNNoise works on samples of 16 bits as floats
      std::copy_n(mono, frame.size(), frame.begin());
      probability_ = rnnoise_process_frame(network_.get(), frame.data(), frame.data());
    }
    pending_.clear();
  }
  *probability = probability_;
  return analysed;
}

}  // namespace sora
