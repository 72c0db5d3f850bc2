#include "media/vad.h"

#include <algorithm>
#include <array>

namespace sora {

using webrtc::rnn_vad::kFeatureVectorSize;
using webrtc::rnn_vad::kFrameSize10ms24kHz;
using webrtc::rnn_vad::kSampleRate24kHz;

Vad::Vad() : extractor_(webrtc::GetAvailableCpuFeatures()), network_(webrtc::GetAvailableCpuFeatures()) { network_.Reset(); }

uint32_t Vad::Analyze(const int16_t* samples, size_t frames, int sample_rate, size_t channels, double* probability) {
  std::lock_guard lock(mutex_);
  if (sample_rate != sample_rate_ || channels != channels_) {
    pending_.clear();
    sample_rate_ = sample_rate;
    channels_ = channels;
  }
  const size_t slice = static_cast<size_t>(sample_rate / 100) * channels;
  uint32_t analysed = 0;
  for (size_t left = frames * channels; left > 0;) {
    const size_t count = std::min(left, slice - pending_.size());
    pending_.insert(pending_.end(), samples, samples + count);
    samples += count;
    left -= count;
    if (pending_.size() < slice) break;
    const int16_t* mono = converter_.Convert(pending_.data(), sample_rate, channels, kSampleRate24kHz, 1);
    std::array<float, kFrameSize10ms24kHz> frame;
    std::copy_n(mono, frame.size(), frame.begin());
    std::array<float, kFeatureVectorSize> features;
    const bool silence = extractor_.CheckSilenceComputeFeatures(frame, features);
    probability_ = network_.ComputeVadProbability(features, silence);
    pending_.clear();
    ++analysed;
  }
  *probability = probability_;
  return analysed;
}

}  // namespace sora
