#include "media/audio_queue.h"

#include <algorithm>
#include <cstring>

#include "common_audio/include/audio_util.h"
#include "media/audio_convert.h"

namespace sora {
namespace {

void Copy(const int16_t* from, size_t count, int16_t* to) { std::memcpy(to, from, count * sizeof(int16_t)); }

void Copy(const float* from, size_t count, int16_t* to) {
  // NaN becomes silence.
  for (size_t i = 0; i < count; ++i) to[i] = webrtc::FloatToS16(from[i] == from[i] ? from[i] : 0);
}

}  // namespace

void AudioQueue::Grow(size_t samples) {
  if (ring_.size() >= samples) return;
  std::vector<int16_t> larger(samples);
  const size_t whole = std::min(count_, ring_.size() - first_);
  std::copy_n(ring_.begin() + static_cast<ptrdiff_t>(first_), whole, larger.begin());
  std::copy_n(ring_.begin(), count_ - whole, larger.begin() + static_cast<ptrdiff_t>(whole));
  ring_ = std::move(larger);
  first_ = 0;
}

template <typename Sample>
size_t AudioQueue::Push(const Sample* samples, size_t frames, int sample_rate, size_t channels, int64_t time_us) {
  const double us_per_frame = 1e6 / sample_rate;
  const double room_us = static_cast<double>(kMaxUs) - queued_us_;
  const size_t fitting = room_us <= 0 ? 0 : std::min(frames, static_cast<size_t>(room_us / us_per_frame + 1e-6));
  if (fitting == 0) return frames;
  // No run has more samples per second than the densest one, so what fits in time fits into the ring.
  Grow(static_cast<size_t>(kMaxUs / 1000 * sample_rate / 1000) * channels);
  // Short pieces are joined into one run, which bounds the number of runs.
  Run* last = runs_.empty() ? nullptr : &runs_.back();
  if (last && last->sample_rate == sample_rate && last->channels == channels &&
      last->frames < SliceFrames(sample_rate, SliceMs(sample_rate))) {
    last->frames += fitting;
  } else {
    runs_.push_back({sample_rate, channels, fitting, time_us});
  }
  queued_us_ += static_cast<double>(fitting) * us_per_frame;
  const size_t count = fitting * channels;
  const size_t begin = (first_ + count_) % ring_.size();
  const size_t whole = std::min(count, ring_.size() - begin);
  Copy(samples, whole, ring_.data() + begin);
  Copy(samples + whole, count - whole, ring_.data());
  count_ += count;
  return frames - fitting;
}

template size_t AudioQueue::Push(const int16_t*, size_t, int, size_t, int64_t);
template size_t AudioQueue::Push(const float*, size_t, int, size_t, int64_t);

bool AudioQueue::Fill(AudioSlice& slice) {
  while (!runs_.empty()) {
    Run& run = runs_.front();
    if (slice.sample_rate != run.sample_rate || slice.channels != run.channels) {
      slice.samples.clear();
      slice.sample_rate = run.sample_rate;
      slice.channels = run.channels;
    }
    if (slice.samples.empty()) slice.time_us = run.time_us;
    const size_t size = SliceFrames(run.sample_rate, SliceMs(run.sample_rate)) * run.channels;
    const size_t count = std::min(run.frames * run.channels, size - slice.samples.size());
    const size_t whole = std::min(count, ring_.size() - first_);
    const auto at = ring_.begin() + static_cast<ptrdiff_t>(first_);
    slice.samples.insert(slice.samples.end(), at, at + static_cast<ptrdiff_t>(whole));
    slice.samples.insert(slice.samples.end(), ring_.begin(), ring_.begin() + static_cast<ptrdiff_t>(count - whole));
    first_ = (first_ + count) % ring_.size();
    count_ -= count;
    const size_t frames = count / run.channels;
    run.frames -= frames;
    run.time_us += static_cast<int64_t>(frames) * 1'000'000 / run.sample_rate;
    queued_us_ -= static_cast<double>(frames) * 1e6 / run.sample_rate;
    if (run.frames == 0) runs_.pop_front();
    if (runs_.empty()) {
      queued_us_ = 0;  // without rounding errors
      first_ = 0;      // stays in the same memory, which is in the cache
    }
    if (slice.samples.size() == size) return true;
  }
  return false;
}

}  // namespace sora
