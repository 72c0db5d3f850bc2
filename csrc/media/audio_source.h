// The object behind sora_audio_source_*: passes the caller's samples to libwebrtc, block by block.
//
// The caller's thread only copies. A thread of the source's own resamples, remixes and runs libwebrtc's senders, which wake the
// encoder's threads: many times more expensive than the copy.
#ifndef SORA_MEDIA_AUDIO_SOURCE_H
#define SORA_MEDIA_AUDIO_SOURCE_H

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "api/media_stream_interface.h"
#include "api/notifier.h"
#include "core/object.h"
#include "media/audio_convert.h"
#include "media/audio_queue.h"
#include "media/audio_tail.h"
#include "runtime/runtime.h"
#include "rtc_base/timestamp_aligner.h"

namespace sora {

class AudioTrackSource : public webrtc::Notifier<webrtc::AudioSourceInterface> {
 public:
  // raise: whether its thread comes before those of other programs.
  AudioTrackSource(uint32_t sample_rate, uint32_t channels, bool raise)
      : sample_rate_(sample_rate), channels_(channels), raise_(raise) {}
  ~AudioTrackSource() override;

  // Returns how many frames did not fit into the queue and are lost. Throws SORA_ERROR_CLOSED after Stop, and SORA_ERROR_LIMIT,
  // with nothing taken, when no thread can be started. timestamp_us and capture_time_ms: see sora_audio_source_push.
  template <typename Sample>
  size_t Push(const Sample* samples, size_t frames, int sample_rate, size_t channels, int64_t timestamp_us,
              double capture_time_ms);

  // Sends what is queued, followed by silence, and ends the thread. Idempotent.
  void Stop();

  SourceState state() const override { return kLive; }
  bool remote() const override { return false; }
  const cricket::AudioOptions options() const override;
  void AddSink(webrtc::AudioTrackSinkInterface* sink) override;
  void RemoveSink(webrtc::AudioTrackSinkInterface* sink) override;

 private:
  // Starts the thread unless it runs; throws SORA_ERROR_LIMIT when the system starts none.
  void StartThread();
  // The thread: passes slices to the sinks as they come, and silence when no more come.
  void Run();
  // Passes a slice to the sinks and empties it.
  void Deliver(AudioSlice& slice);
  // The same, completed with silence.
  void DeliverSilence(AudioSlice& slice);

  const int sample_rate_;
  const size_t channels_;
  const bool raise_;
  AudioConverter converter_;  // of the thread, as are the next two
  AudioTail tail_;
  int64_t end_us_ = -1;  // of what was delivered last
  std::mutex mutex_;     // never held while a sink is called
  std::condition_variable wake_;
  AudioQueue queue_;
  rtc::TimestampAligner aligner_;
  bool stopped_ = false;
  bool asleep_ = false;  // the thread must be woken
  std::thread thread_;   // from the first push on
  std::mutex sinks_mutex_;
  std::vector<webrtc::AudioTrackSinkInterface*> sinks_;
};

class AudioSource : public Object {
 public:
  static constexpr Kind kKind = Kind::kAudioSource;

  AudioSource(std::shared_ptr<Runtime> runtime, uint32_t sample_rate, uint32_t channels);

  AudioTrackSource& source() { return *source_; }
  const std::shared_ptr<Runtime>& runtime() const { return runtime_; }
  const rtc::scoped_refptr<webrtc::AudioTrackInterface>& track() const { return track_; }

  // Releases a source that was taken out of the table, on the signaling thread.
  static void Close(std::shared_ptr<AudioSource> source);
  void Abandon(std::shared_ptr<Object> self, uint32_t) override { Close(std::static_pointer_cast<AudioSource>(self)); }

 private:
  const std::shared_ptr<Runtime> runtime_;  // outlives what follows
  const rtc::scoped_refptr<AudioTrackSource> source_;
  rtc::scoped_refptr<webrtc::AudioTrackInterface> track_;
};

}  // namespace sora

#endif
