// The object behind sora_audio_sink_*: a bounded buffer of the audio of a remote track.
#ifndef SORA_MEDIA_AUDIO_SINK_H
#define SORA_MEDIA_AUDIO_SINK_H

#include <deque>
#include <vector>

#include "api/media_stream_interface.h"
#include "core/object.h"
#include "media/audio_convert.h"
#include "media/track.h"
#include "sora_ffi/audio.h"

namespace sora {

class AudioSink : public TrackSink, public webrtc::AudioTrackSinkInterface {
 public:
  static constexpr Kind kKind = Kind::kAudioSink;

  // sample_rate and channels: 0 for those of the track.
  AudioSink(const std::shared_ptr<Track>& track, uint32_t sample_rate, uint32_t channels, uint32_t capacity_ms)
      : TrackSink(track),
        sample_rate_(sample_rate),
        channels_(channels),
        capacity_(capacity_ms / 10),
        device_(track->runtime()->audio()) {}

  // Opens a handle. Throws SORA_ERROR_CLOSED when the track has ended.
  static uint32_t Create(std::shared_ptr<Track> track, uint32_t sample_rate, uint32_t channels, uint32_t capacity_ms);

  // See sora_audio_sink_read; 0 when fewer than min_frames are buffered, or samples has no room for as many.
  uint32_t Read(int16_t* samples, uint32_t capacity, uint32_t min_frames, uint32_t max_frames, double* info);

  void OnData(const void* data, int bits_per_sample, int sample_rate, size_t channels, size_t frames,
              absl::optional<int64_t>) override;

 private:
  struct Block {  // 10 ms
    int sample_rate = 0;
    size_t channels = 0;
    double capture_time_ms = -1;
    size_t read = 0;  // frames that were already read
    std::vector<int16_t> samples;
    size_t Frames() const { return samples.size() / channels - read; }
    // Of the first frame that is left.
    double CaptureTimeMs() const {
      return capture_time_ms < 0 ? -1 : capture_time_ms + static_cast<double>(read) * 1000.0 / sample_rate;
    }
  };

  void AddTo(webrtc::MediaStreamTrackInterface& track) override;
  void RemoveFrom(webrtc::MediaStreamTrackInterface& track) override;

  const uint32_t sample_rate_, channels_;
  const size_t capacity_;  // blocks
  const rtc::scoped_refptr<AudioDevice> device_;
  bool listens_ = false;  // on the signaling thread
  AudioConverter converter_;
  std::deque<Block> blocks_;
  std::vector<std::vector<int16_t>> spare_;  // memory of blocks that were read, for reuse
  double dropped_ = 0;
};

}  // namespace sora

#endif
