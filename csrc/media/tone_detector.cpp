#include "media/tone_detector.h"

#include <algorithm>

namespace sora {
namespace {
constexpr double kMostOff = 0.0005, kMostOffHigh = 0.01, kMostOffOnce = 0.4;
// Of 20 ms at 1,200 Hz.
constexpr int kHighCrossings = 48;
// In samples, up to 4 ms, without common factors: no two frequencies look alike at all of them.
constexpr size_t kLags[] = {61, 97, 37, 19, 7};
}  // namespace

bool ToneDetector::Next(const std::array<float, kFrames>& samples) {
  std::copy(heard_.begin() + kFrames, heard_.end(), heard_.begin());
  std::copy(samples.begin(), samples.end(), heard_.begin() + kFrames);
  const double most = tone_ ? kMostOffOnce : Crossings() > kHighCrossings ? kMostOffHigh : kMostOff;
  tone_ = std::all_of(std::begin(kLags), std::end(kLags), [&](size_t lag) { return OffBy(lag) < most; });
  return tone_;
}

int ToneDetector::Crossings() const {
  int crossings = 0;
  for (size_t n = 1; n < heard_.size(); ++n) crossings += (heard_[n - 1] < 0) != (heard_[n] < 0);
  return crossings;
}

// For a sine, and only for a sine, x[n - lag] + x[n + lag] = c x[n] for each lag, with the same c for all n. Takes the best c
// and returns the power of the residual, relative to its maximum.
double ToneDetector::OffBy(size_t lag) const {
  double pairs = 0, both = 0, power = 0;
  for (size_t n = lag; n + lag < heard_.size(); ++n) {
    const double pair = heard_[n - lag] + heard_[n + lag], sample = heard_[n];
    pairs += pair * pair;
    both += pair * sample;
    power += sample * sample;
  }
  return power > 0 ? (pairs - both * both / power) / (4 * power) : 1;
}

}  // namespace sora
