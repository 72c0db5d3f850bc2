// Tells whether sound is one steady sine and nothing else.
#ifndef SORA_MEDIA_TONE_DETECTOR_H
#define SORA_MEDIA_TONE_DETECTOR_H

#include <array>
#include <cstddef>

namespace sora {

class ToneDetector {
 public:
  static constexpr size_t kFrames = 240;  // 10 ms at 24 kHz

  // Whether the last 20 ms are a sine: what else is in them has less than 1/2000 of its power (-33 dB). Of speech, also of its
  // purest vowels, that much is never left out; rounding to 16 bits leaves a thousandth of it in a quiet tone. Above 1,200 Hz,
  // where no voice is as pure as 1/100 (-20 dB) and codecs are coarse, that suffices. A tone goes on until more than 2/5 is
  // something else (-4 dB): codecs let it swell and fade, with less than that, and half of all speech has more.
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
