// Samples in changing formats through the queue of a source and its converter: nothing is lost but what the queue reports.
#include "fuzz/fuzz.h"
#include "media/audio_convert.h"
#include "media/audio_queue.h"

namespace {

using fuzz::Bytes;

constexpr int kRates[] = {8'000, 11'025, 16'000, 22'050, 24'000, 44'100, 48'000, 96'000, 192'000, 8'025};
constexpr size_t kMostFrames = 20'000;

std::vector<Bytes> audio_seeds() {
  return {
      {6, 2, 1, 0xe0, 0, 6, 2, 1, 0xe0, 1},
      {6, 1, 0, 100, 0, 1, 2, 0, 200, 1, 3, 8, 1, 0, 0},
      {9, 1, 7, 0, 0, 2, 1, 0, 0, 0, 8, 8, 0x70, 0, 0, 8, 8, 0x70, 0, 0, 8, 8, 0x70, 0, 1},
      {0, 3, 0x70, 0, 0, 0, 3, 0x10, 0, 0, 7, 5, 0x70, 0, 2, 7, 5, 0x70, 0, 3},
  };
}

}  // namespace

FUZZ_TARGET(audio, 100, 64) {
  static const std::vector<int16_t> samples(kMostFrames * 8, 20'000);
  static const std::vector<float> floats(samples.size(), 1.5f);
  fuzz::Script script(input);
  sora::AudioQueue queue;
  sora::AudioConverter converter;
  sora::AudioSlice slice;
  while (!script.done()) {
    const int rate = kRates[script.Byte() % std::size(kRates)];
    const size_t channels = 1 + script.Byte() % 8;
    const size_t frames = script.Number(2) % kMostFrames;
    const uint8_t what = script.Byte();
    const size_t lost = what & 2 ? queue.Push(floats.data(), frames, rate, channels, 0)
                                 : queue.Push(samples.data(), frames, rate, channels, 0);
    FUZZ_REQUIRE(lost <= frames);
    if (!(what & 1)) continue;
    const int to_rate = what & 4 ? 48'000 : 8'000;
    const size_t to_channels = what & 8 ? 1 : 2;
    while (queue.Fill(slice)) {
      const int ms = sora::SliceMs(slice.sample_rate);
      FUZZ_REQUIRE(slice.samples.size() == sora::SliceFrames(slice.sample_rate, ms) * slice.channels);
      FUZZ_REQUIRE(slice.samples.front() == 20'000 || slice.samples.front() == 32'767);
      FUZZ_REQUIRE(slice.samples.back() == 20'000 || slice.samples.back() == 32'767);
      const int16_t* const out =
          converter.Convert(slice.samples.data(), ms, slice.sample_rate, slice.channels, to_rate, to_channels);
      const Bytes read(reinterpret_cast<const uint8_t*>(out),
                       reinterpret_cast<const uint8_t*>(out + sora::SliceFrames(to_rate, ms) * to_channels));
      FUZZ_REQUIRE(!read.empty());
      slice.samples.clear();
    }
    FUZZ_REQUIRE(queue.empty());
  }
}
