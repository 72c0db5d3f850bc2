// The queue of audio to send: what comes out is what went in, in memory of the exact size.
#include "media/audio_queue.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "../harness/guarded.h"
#include "media/audio_convert.h"

using sora::AudioQueue;
using sora::AudioSlice;
using sora::SliceFrames;
using sora::SliceMs;
using test::Guarded;

namespace {

constexpr int kRates[] = {8'000, 11'025, 16'000, 22'050, 44'100, 48'000, 96'000, 192'000};

// Samples in memory of the exact size: 16-bit ones, or the floats that are converted to them.
class Piece {
 public:
  Piece(const int16_t* from, size_t count, bool floats)
      : floats_(floats), memory_(count * (floats ? sizeof(float) : sizeof(int16_t))) {
    if (!floats) {
      if (count) std::memcpy(memory_.data(), from, count * sizeof(int16_t));
      return;
    }
    for (size_t i = 0; i < count; ++i) {
      const float value = static_cast<float>(from[i]) / 32'768.0f;
      std::memcpy(memory_.data() + i * sizeof(float), &value, sizeof(float));
    }
  }

  size_t PushTo(AudioQueue& queue, size_t frames, int sample_rate, size_t channels, int64_t time_us) const {
    return floats_ ? queue.Push(reinterpret_cast<const float*>(memory_.data()), frames, sample_rate, channels, time_us)
                   : queue.Push(reinterpret_cast<const int16_t*>(memory_.data()), frames, sample_rate, channels, time_us);
  }

 private:
  const bool floats_;
  const Guarded memory_;
};

// Reproducible random numbers.
class Numbers {
 public:
  size_t Below(size_t limit) {
    seed_ = seed_ * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;  // Knuth's generator
    return (seed_ >> 33) % limit;
  }

 private:
  uint64_t seed_ = 1;
};

// Counts up, so that lost and repeated samples are detected.
class Counter {
 public:
  std::vector<int16_t> Next(size_t count) {
    std::vector<int16_t> samples(count);
    for (auto& sample : samples) sample = static_cast<int16_t>(next_++ % 30'000);
    return samples;
  }

 private:
  uint32_t next_ = 0;
};

// Moves all whole slices to `out`.
void Drain(AudioQueue& queue, AudioSlice& slice, std::vector<int16_t>& out) {
  while (queue.Fill(slice)) {
    REQUIRE_EQ(slice.samples.size(), SliceFrames(slice.sample_rate, SliceMs(slice.sample_rate)) * slice.channels);
    out.insert(out.end(), slice.samples.begin(), slice.samples.end());
    slice.samples.clear();
  }
}

}  // namespace

TEST(audio_queue_gives_out_what_went_in_for_all_lengths_rates_channels_and_types) {
  Numbers numbers;
  for (const int rate : kRates) {
    for (size_t channels = 1; channels <= 8; ++channels) {
      for (const bool floats : {false, true}) {
        AudioQueue queue;
        AudioSlice slice;
        Counter counter;
        std::vector<int16_t> in, out;
        for (int round = 0; round < 60; ++round) {
          const size_t frames = round % 3 == 0 ? 1 : numbers.Below(static_cast<size_t>(rate) / 20);
          const auto samples = counter.Next(frames * channels);
          REQUIRE_EQ(Piece(samples.data(), samples.size(), floats).PushTo(queue, frames, rate, channels, 0), 0u);
          in.insert(in.end(), samples.begin(), samples.end());
          // Not every time, so that the ring wraps at varying places.
          if (numbers.Below(3) == 0) Drain(queue, slice, out);
        }
        Drain(queue, slice, out);
        REQUIRE(queue.empty());
        out.insert(out.end(), slice.samples.begin(), slice.samples.end());
        // Floats are rounded to their original values.
        REQUIRE_EQ(out.size(), in.size());
        for (size_t i = 0; i < in.size(); ++i) REQUIRE(std::abs(out[i] - in[i]) <= 1);
        if (!floats) REQUIRE(out == in);
      }
    }
  }
}

TEST(audio_queue_keeps_two_seconds_and_tells_what_did_not_fit) {
  for (const int rate : kRates) {
    for (const size_t channels : {size_t{1}, size_t{3}, size_t{8}}) {
      const auto two_seconds = static_cast<size_t>(2 * rate);
      AudioQueue queue;
      const auto samples = Counter().Next((two_seconds + 5) * channels);
      REQUIRE_EQ(Piece(samples.data(), samples.size(), false).PushTo(queue, two_seconds + 5, rate, channels, 0), 5u);
      REQUIRE_EQ(Piece(samples.data(), channels, true).PushTo(queue, 1, rate, channels, 0), 1u);
      AudioSlice slice;
      std::vector<int16_t> out;
      Drain(queue, slice, out);
      out.insert(out.end(), slice.samples.begin(), slice.samples.end());
      REQUIRE(queue.empty());
      REQUIRE_EQ(out.size(), two_seconds * channels);
      REQUIRE(std::equal(out.begin(), out.end(), samples.begin()));
      REQUIRE_EQ(Piece(samples.data(), channels, false).PushTo(queue, 1, rate, channels, 0), 0u);
    }
  }
}

TEST(audio_queue_starts_a_slice_anew_where_the_format_changes) {
  Numbers numbers;
  AudioQueue queue;
  AudioSlice slice;
  for (int round = 0; round < 2'000; ++round) {
    const int rate = kRates[numbers.Below(std::size(kRates))];
    const size_t channels = 1 + numbers.Below(8), size = SliceFrames(rate, SliceMs(rate));
    const size_t frames = numbers.Below(3 * size);
    // Each piece has one value, its own.
    const std::vector<int16_t> samples(frames * channels, static_cast<int16_t>(round));
    REQUIRE_EQ(Piece(samples.data(), samples.size(), false).PushTo(queue, frames, rate, channels, 0), 0u);
    size_t slices = 0;
    for (; queue.Fill(slice); ++slices) {
      REQUIRE_EQ(slice.sample_rate, rate);
      REQUIRE_EQ(slice.channels, channels);
      REQUIRE(std::all_of(slice.samples.begin(), slice.samples.end(),
                          [round](int16_t sample) { return sample == static_cast<int16_t>(round); }));
      slice.samples.clear();
    }
    // What another piece of the same format left is a part of the first slice; what this one leaves is thrown away, lest the next
    // one have the same format.
    REQUIRE_EQ(slices, frames / size);
    slice.samples.clear();
  }
}

TEST(audio_queue_tells_when_the_first_sample_of_each_slice_was_captured) {
  constexpr int64_t kHour = 3'600'000'000;
  AudioQueue queue;
  const std::vector<int16_t> samples(480 * 2 * 3);
  // 30 ms, then pieces of 5 ms, which are one until they are a slice.
  REQUIRE_EQ(queue.Push(samples.data(), 480 * 3, 48'000, 2, kHour), 0u);
  for (int piece = 0; piece < 4; ++piece)
    REQUIRE_EQ(queue.Push(samples.data(), 240, 48'000, 2, 2 * kHour + piece * 5'000), 0u);
  AudioSlice slice;
  for (const int64_t expected : {kHour, kHour + 10'000, kHour + 20'000, 2 * kHour, 2 * kHour + 10'000}) {
    REQUIRE(queue.Fill(slice));
    REQUIRE_EQ(slice.time_us, expected);
    slice.samples.clear();
  }
  REQUIRE(!queue.Fill(slice));
}

TEST(audio_queue_takes_every_float_there_is) {
  const float floats[] = {__builtin_nanf(""), __builtin_inff(), -__builtin_inff(), 3e38f, -3e38f, 0.5f, 1.0f, -1.0f};
  const int16_t expected[] = {0, 32'767, -32'768, 32'767, -32'768, 16'384, 32'767, -32'768};
  const Guarded memory(sizeof(floats));
  std::memcpy(memory.data(), floats, sizeof(floats));
  AudioQueue queue;
  AudioSlice slice;
  REQUIRE_EQ(queue.Push(reinterpret_cast<const float*>(memory.data()), 1, 8'000, 8, 0), 0u);
  REQUIRE(!queue.Fill(slice));
  REQUIRE(std::equal(slice.samples.begin(), slice.samples.end(), std::begin(expected), std::end(expected)));
}
