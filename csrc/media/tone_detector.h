// Detects audio that is one steady sine and nothing else.
#ifndef SORA_MEDIA_TONE_DETECTOR_H
#define SORA_MEDIA_TONE_DETECTOR_H

#include <array>
#include <cstddef>

namespace sora {

class ToneDetector {
 public:
  static constexpr size_t kFrames = 240;  // 10 ms at 24 kHz

  // Whether the last 20 ms are a sine: everything else in them has less than 1/2000 of its power (-33 dB). In speech, even in
  // the purest vowels, there is always more; rounding to 16 bits leaves a thousandth of that in a quiet tone. Above 1,200 Hz
  // 1/100 (-20 dB) suffices, as no voice is that pure there and codecs are coarse. A tone lasts until more than 2/5 (-4 dB) is
  // something else: the swelling and fading that codecs add stays below, and half of all speech is above.
  bool Next(const std::array<float, kFrames>& samples);

 private:
  double OffBy(size_t lag) const;
  // How often the last 20 ms change their sign.
  int Crossings() const;

  std::array<float, 2 * kFrames> heard_ = {};
  bool tone_ = false;
};

}  // namespace sora

#endif
