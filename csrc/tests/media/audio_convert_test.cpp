// Conversions of audio, in memory of the exact size: AddressSanitizer or a protected page detects accesses beyond it.
#include "media/audio_convert.h"

// Includes GCC's <cmath>, which clang accepts from system headers only.
#include "common_audio/include/audio_util.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "../harness/guarded.h"

using sora::AudioConverter;
using sora::SliceFrames;
using sora::SliceMs;
using test::Guarded;

namespace {

constexpr int kInputRates[] = {8'000, 11'025, 16'000, 22'050, 32'000, 44'100, 48'000, 88'200, 96'000, 176'400, 192'000};
constexpr int kOutputRates[] = {8'000, 16'000, 24'000, 44'100, 48'000};
constexpr double kPi = 3.14159265358979323846;

// A slice of interleaved samples in memory of the exact size.
struct Slice {
  size_t frames, channels;
  Guarded memory;

  Slice(int rate, size_t channels)
      : frames(SliceFrames(rate, SliceMs(rate))), channels(channels), memory(frames * channels * sizeof(int16_t)) {}
  int16_t* samples() const { return reinterpret_cast<int16_t*>(memory.data()); }
  int16_t& at(size_t frame, size_t channel) const { return samples()[frame * channels + channel]; }
};

// Converts one slice with constant channels at the same rate.
std::vector<int16_t> Mixed(const std::vector<int16_t>& values, size_t to_channels) {
  const Slice slice(48'000, values.size());
  for (size_t i = 0; i < slice.frames; ++i)
    for (size_t channel = 0; channel < values.size(); ++channel) slice.at(i, channel) = values[channel];
  AudioConverter converter;
  const int16_t* out = converter.Convert(slice.samples(), 10, 48'000, values.size(), 48'000, to_channels);
  for (size_t i = 0; i < slice.frames * to_channels; ++i) REQUIRE_EQ(out[i], out[i % to_channels]);
  return {out, out + to_channels};
}

void RequireNear(const std::vector<int16_t>& actual, const std::vector<double>& expected) {
  REQUIRE_EQ(actual.size(), expected.size());
  // The weights have 15 bits.
  for (size_t i = 0; i < actual.size(); ++i) REQUIRE(std::abs(actual[i] - expected[i]) <= 2);
}

}  // namespace

TEST(audio_convert_reads_and_writes_its_slice_alone_at_all_rates_and_channels) {
  for (const int from_rate : kInputRates) {
    for (const int to_rate : kOutputRates) {
      for (size_t from_channels = 1; from_channels <= 8; ++from_channels) {
        for (const size_t to_channels : {size_t{1}, size_t{2}}) {
          const Slice slice(from_rate, from_channels);
          std::fill_n(slice.samples(), slice.frames * from_channels, int16_t{10'000});
          AudioConverter converter;
          const int slice_ms = SliceMs(from_rate);
          const int16_t* out = nullptr;
          // The resampler looks back: only the second slice contains nothing of the silence before the first.
          for (int round = 0; round < 2; ++round)
            out = converter.Convert(slice.samples(), slice_ms, from_rate, from_channels, to_rate, to_channels);
          for (size_t i = 0; i < SliceFrames(to_rate, slice_ms) * to_channels; ++i) REQUIRE(std::abs(out[i] - 10'000) <= 20);
          REQUIRE(std::all_of(slice.samples(), slice.samples() + slice.frames * from_channels,
                              [](int16_t sample) { return sample == 10'000; }));
          REQUIRE(slice.memory.UntouchedBefore());
        }
      }
    }
  }
}

TEST(audio_convert_leaves_what_is_right_already_where_it_is) {
  for (const size_t channels : {size_t{1}, size_t{2}}) {
    const Slice slice(48'000, channels);
    AudioConverter converter;
    REQUIRE(converter.Convert(slice.samples(), 10, 48'000, channels, 48'000, channels) == slice.samples());
  }
}

TEST(audio_convert_changes_its_format_with_every_slice) {
  AudioConverter converter;
  uint32_t seed = 1;
  const auto below = [&seed](size_t limit) {
    seed = seed * 1'664'525 + 1'013'904'223;  // the generator of Numerical Recipes
    return (seed >> 16) % limit;
  };
  for (int round = 0; round < 2'000; ++round) {
    const int from_rate = kInputRates[below(std::size(kInputRates))], to_rate = kOutputRates[below(std::size(kOutputRates))];
    const Slice slice(from_rate, 1 + below(8));
    const size_t to_channels = 1 + below(2);
    std::fill_n(slice.samples(), slice.frames * slice.channels, static_cast<int16_t>(below(65'536)));
    const int slice_ms = SliceMs(from_rate);
    const int16_t* out = converter.Convert(slice.samples(), slice_ms, from_rate, slice.channels, to_rate, to_channels);
    const size_t frames = SliceFrames(to_rate, slice_ms);
    // Both channels are the same when all that come in are.
    for (size_t i = 0; i < frames; ++i) REQUIRE_EQ(out[i * to_channels], out[i * to_channels + to_channels - 1]);
  }
}

TEST(audio_convert_mixes_down_as_bs_775_says_and_never_clips) {
  const double h = std::sqrt(0.5);  // -3 dB
  RequireNear(Mixed({1'000, -3'000}, 1), {-1'000});
  RequireNear(Mixed({7'000}, 2), {7'000, 7'000});
  RequireNear(Mixed({10'000, 0, 0}, 2), {10'000 / (1 + h), 0});
  RequireNear(Mixed({0, 0, 10'000}, 2), {10'000 * h / (1 + h), 10'000 * h / (1 + h)});
  RequireNear(Mixed({0, 0, 0, 10'000}, 2), {0, 10'000 * h / (1 + h)});
  RequireNear(Mixed({0, 0, 0, 10'000, 0}, 2), {10'000 * h / (1 + 2 * h), 0});
  // 5.1: each channel by itself.
  const double whole = 1 + 2 * h;
  const double left[] = {1, 0, h, 0, h, 0}, right[] = {0, 1, h, 0, 0, h};
  for (size_t channel = 0; channel < 6; ++channel) {
    std::vector<int16_t> values(6);
    values[channel] = 20'000;
    RequireNear(Mixed(values, 2), {20'000 * left[channel] / whole, 20'000 * right[channel] / whole});
    RequireNear(Mixed(values, 1), {10'000 * (left[channel] + right[channel]) / whole});
  }
  // 6.1 and 7.1: surround in all of its channels.
  RequireNear(Mixed({0, 0, 0, 0, 20'000, 0, 0}, 2), {20'000 * 0.5 / (whole + 0.5), 20'000 * 0.5 / (whole + 0.5)});
  for (const size_t channel : {4, 5, 6, 7}) {
    std::vector<int16_t> values(8);
    values[channel] = 20'000;
    const double heard = 20'000 * h / (1 + 3 * h);
    RequireNear(Mixed(values, 2), channel % 2 == 0 ? std::vector<double>{heard, 0} : std::vector<double>{0, heard});
  }
  for (size_t channels = 2; channels <= 8; ++channels) {
    for (const int16_t most : {int16_t{32'767}, int16_t{-32'768}}) {
      for (const size_t to : {size_t{1}, size_t{2}})
        if (to < channels) REQUIRE(Mixed(std::vector<int16_t>(channels, most), to) == std::vector<int16_t>(to, most));
    }
  }
}

TEST(audio_convert_keeps_a_tone_through_every_rate) {
  for (const int from_rate : kInputRates) {
    for (const int to_rate : kOutputRates) {
      const int slice_ms = SliceMs(from_rate);
      AudioConverter converter;
      const auto step_in = 2 * kPi * 1'000 / from_rate, step_out = 2 * kPi * 1'000 / to_rate;
      double in_phase = 0, quadrature = 0, power = 0;
      size_t position = 0, heard = 0;
      // 400 ms, without the first 40 ms, in which the resampler settles.
      for (int ms = 0; ms < 400; ms += slice_ms) {
        const Slice slice(from_rate, 1);
        for (size_t i = 0; i < slice.frames; ++i)
          slice.at(i, 0) = static_cast<int16_t>(std::lround(20'000 * std::sin(step_in * static_cast<double>(position++))));
        const int16_t* out = converter.Convert(slice.samples(), slice_ms, from_rate, 1, to_rate, 1);
        if (ms < 40) continue;
        for (size_t i = 0; i < SliceFrames(to_rate, slice_ms); ++i, ++heard) {
          in_phase += out[i] * std::cos(step_out * static_cast<double>(heard));
          quadrature += out[i] * std::sin(step_out * static_cast<double>(heard));
          power += static_cast<double>(out[i]) * out[i];
        }
      }
      const double level = 2 * std::hypot(in_phase, quadrature) / static_cast<double>(heard);
      REQUIRE(std::abs(level / 20'000 - 1) < 0.01);
      // Everything but the tone is below -40 dB of it.
      REQUIRE(power / static_cast<double>(heard) - level * level / 2 < level * level / 2 * 1e-4);
    }
  }
}
