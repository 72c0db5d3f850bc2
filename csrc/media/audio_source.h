// The object behind sora_audio_source_*: samples of the caller's, cut into 10 ms, go to libwebrtc.
#ifndef SORA_MEDIA_AUDIO_SOURCE_H
#define SORA_MEDIA_AUDIO_SOURCE_H

#include <mutex>
#include <vector>

#include "api/media_stream_interface.h"
#include "api/notifier.h"
#include "core/object.h"
#include "media/audio_convert.h"
#include "peer/engine.h"
#include "rtc_base/timestamp_aligner.h"

namespace sora {

class AudioTrackSource : public webrtc::Notifier<webrtc::AudioSourceInterface> {
 public:
  AudioTrackSource(uint32_t sample_rate, uint32_t channels) : sample_rate_(sample_rate), channels_(channels) {}

  template <typename Sample>
  void Push(const Sample* samples, size_t frames, int sample_rate, size_t channels, int64_t timestamp_us);

  SourceState state() const override { return kLive; }
  bool remote() const override { return false; }
  const cricket::AudioOptions options() const override;
  void AddSink(webrtc::AudioTrackSinkInterface* sink) override;
  void RemoveSink(webrtc::AudioTrackSinkInterface* sink) override;

 private:
  // Hands on a slice in the format of the caller's.
  void Deliver(const int16_t* samples, int64_t time_ms);

  const int sample_rate_;
  const size_t channels_;
  std::mutex mutex_;
  int input_rate_ = 0;
  size_t input_channels_ = 0;
  std::vector<int16_t> pending_;  // less than 10 ms of input, then filled up
  AudioConverter converter_;
  rtc::TimestampAligner aligner_;
  std::mutex sinks_mutex_;
  std::vector<webrtc::AudioTrackSinkInterface*> sinks_;
};

class AudioSource : public Object {
 public:
  static constexpr Kind kKind = Kind::kAudioSource;

  AudioSource(std::shared_ptr<Engine> engine, uint32_t sample_rate, uint32_t channels);

  AudioTrackSource& source() { return *source_; }
  const std::shared_ptr<Engine>& engine() const { return engine_; }
  const rtc::scoped_refptr<webrtc::AudioTrackInterface>& track() const { return track_; }

  // Lets go of a source that was taken out of the table, on the signaling thread.
  static void Close(std::shared_ptr<AudioSource> source);

 private:
  const std::shared_ptr<Engine> engine_;  // outlives what follows
  const rtc::scoped_refptr<AudioTrackSource> source_;
  rtc::scoped_refptr<webrtc::AudioTrackInterface> track_;
};

}  // namespace sora

#endif
