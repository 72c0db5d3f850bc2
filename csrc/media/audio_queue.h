// A bounded queue of interleaved samples in changing formats, between the caller's thread and the one that sends them.
#ifndef SORA_MEDIA_AUDIO_QUEUE_H
#define SORA_MEDIA_AUDIO_QUEUE_H

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace sora {

// The shortest piece of whole frames that converts to whole blocks: see SliceMs.
struct AudioSlice {
  int sample_rate = 0;
  size_t channels = 0;
  int64_t time_us = 0;           // of the first sample
  std::vector<int16_t> samples;  // incomplete until the slice is full
};

// Not thread-safe.
class AudioQueue {
 public:
  static constexpr int64_t kMaxUs = 2'000'000;

  // Copies samples in; time_us is that of the first. Returns how many frames at the end did not fit and are lost.
  template <typename Sample>
  size_t Push(const Sample* samples, size_t frames, int sample_rate, size_t channels, int64_t time_us);

  // Moves samples to the slice until it is full (true) or nothing is left (false). A change of format restarts the slice.
  bool Fill(AudioSlice& slice);

  bool empty() const { return runs_.empty(); }

 private:
  struct Run {
    int sample_rate;
    size_t channels;
    size_t frames;
    int64_t time_us;  // of the first frame
  };

  // Makes the ring at least this large.
  void Grow(size_t samples);

  std::vector<int16_t> ring_;
  size_t first_ = 0, count_ = 0;  // samples
  std::deque<Run> runs_;
  double queued_us_ = 0;
};

}  // namespace sora

#endif
