#include "media/vad.h"

#include <algorithm>
#include <array>

namespace sora {
namespace {
using webrtc::rnn_vad::kFeatureVectorSize;
constexpr int kSampleRate = webrtc::rnn_vad::kSampleRate24kHz;
constexpr size_t kFrames = webrtc::rnn_vad::kFrameSize10ms24kHz;
// In blocks. A tone is recognised by its last 20 ms, and a codec takes as long again to make it pure: until then audio that has
// just begun cannot be told from a tone.
constexpr int kUnjudged = 4;
// In blocks: how long a decoder that joins in the middle of a tone takes to make it pure.
constexpr int kJoining = 16;
}  // namespace

Vad::Vad() : features_(webrtc::GetAvailableCpuFeatures()) {}

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
    for (int ms = 0; ms < slice_ms; ms += 10, mono += kFrames, ++analysed) AnalyzeBlock(mono);
    pending_.clear();
  }
  *probability = probability_;
  return analysed;
}

void Vad::AnalyzeBlock(const int16_t* mono) {
  std::array<float, kFrames> frame;  // the network works on samples of 16 bits as floats
  std::copy_n(mono, frame.size(), frame.begin());
  std::array<float, kFeatureVectorSize> features;
  const bool silent = features_.CheckSilenceComputeFeatures(frame, features);
  if (silent) network_.Reset();
  const double voice = silent ? 0 : network_.Next(features);
  sounding_ = tone_.Next(frame) || silent ? 0 : std::min(sounding_ + 1, kUnjudged + 1);
  if (heard_ > 0 || !silent) heard_ = std::min(heard_ + 1, kJoining + 1);
  probability_ = sounding_ > kUnjudged && heard_ > kJoining ? voice : 0;
}

}  // namespace sora
