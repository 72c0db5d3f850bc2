// The object behind sora_audio_sink_*: a bounded buffer of what a remote track plays.
#ifndef SORA_MEDIA_AUDIO_SINK_H
#define SORA_MEDIA_AUDIO_SINK_H

#include <deque>
#include <mutex>
#include <vector>

#include "api/media_stream_interface.h"
#include "core/object.h"
#include "media/audio_convert.h"
#include "media/track.h"
#include "sora_ffi/audio.h"

namespace sora {

class AudioSink : public Object, public webrtc::AudioTrackSinkInterface {
 public:
  static constexpr Kind kKind = Kind::kAudioSink;

  // sample_rate and channels: 0 for whatever comes.
  AudioSink(std::shared_ptr<Track> track, uint32_t sample_rate, uint32_t channels, uint32_t capacity_ms)
      : queue_(track->engine()->queue().shared_from_this()),
        sample_rate_(sample_rate),
        channels_(channels),
        capacity_(capacity_ms / 10),
        track_(std::move(track)) {}

  static uint32_t Create(std::shared_ptr<Track> track, uint32_t sample_rate, uint32_t channels, uint32_t capacity_ms);

  // See sora_audio_sink_read; 0 when fewer than min_frames are there, or there is no room for as many.
  uint32_t Read(int16_t* samples, uint32_t capacity, uint32_t min_frames, uint32_t max_frames, double* info);

  // Leaves the track, on the signaling thread, and reports SORA_EVENT_ENDED behind the last that came of it when `ended`; what
  // is there can still be read. A sink that is left open holds nothing of libwebrtc's threads from then on.
  static void Detach(const std::shared_ptr<AudioSink>& sink, bool ended);
  void Abandon(std::shared_ptr<Object> self, uint32_t) override {
    Detach(std::static_pointer_cast<AudioSink>(self), /*ended=*/false);
  }

  void OnData(const void* data, int bits_per_sample, int sample_rate, size_t channels, size_t frames,
              absl::optional<int64_t>) override;

 private:
  struct Block {  // 10 ms
    int sample_rate = 0;
    size_t channels = 0;
    double capture_time_ms = -1;
    size_t read = 0;  // frames that were read already
    std::vector<int16_t> samples;
    size_t Frames() const { return samples.size() / channels - read; }
    // Of what is left.
    double CaptureTimeMs() const {
      return capture_time_ms < 0 ? -1 : capture_time_ms + static_cast<double>(read) * 1000.0 / sample_rate;
    }
  };

  // The track, unless it was left.
  std::shared_ptr<Track> track();

  const std::shared_ptr<EventQueue> queue_;
  const uint32_t sample_rate_, channels_;
  const size_t capacity_;  // blocks
  uint32_t handle_ = 0;
  AudioConverter converter_;
  std::mutex mutex_;
  std::shared_ptr<Track> track_;
  std::deque<Block> blocks_;
  std::vector<std::vector<int16_t>> spare_;  // memory of blocks that were read, to be used again
  double dropped_ = 0;
  bool announced_ = false;  // SORA_EVENT_READABLE is out and the sink was not read until empty since
};

}  // namespace sora

#endif
