// Remote tracks, and what the sinks that receive their media share.
#ifndef SORA_MEDIA_TRACK_H
#define SORA_MEDIA_TRACK_H

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "api/media_stream_interface.h"
#include "api/rtp_receiver_interface.h"
#include "core/object.h"
#include "runtime/runtime.h"

namespace sora {

class TrackSink;

// The object behind sora_track_*.
class Track : public Object {
 public:
  static constexpr Kind kKind = Kind::kTrack;

  Track(std::shared_ptr<Runtime> runtime, rtc::scoped_refptr<webrtc::RtpReceiverInterface> receiver, bool video)
      : runtime_(std::move(runtime)), receiver_(std::move(receiver)), track_(receiver_->track()), video_(video) {}

  const std::shared_ptr<Runtime>& runtime() const { return runtime_; }
  bool video() const { return video_; }
  const rtc::scoped_refptr<webrtc::RtpReceiverInterface>& receiver() const { return receiver_; }
  const rtc::scoped_refptr<webrtc::MediaStreamTrackInterface>& track() const { return track_; }

  // libwebrtc itself blackens the frames of a disabled track, but still passes its audio to the sinks.
  bool enabled() const { return enabled_; }
  void SetEnabled(bool enabled) { enabled_ = enabled; }

  // Remembers a sink; throws SORA_ERROR_CLOSED when the track has ended.
  void Adopt(const std::shared_ptr<TrackSink>& sink);

  // Ends the sinks. They stay open until they are closed, and what they buffer can still be read.
  void End();

  // Ends a track that was taken out of the table, and releases it on the signaling thread.
  static void Release(std::shared_ptr<Track> track);
  void Abandon(std::shared_ptr<Object> self, uint32_t) override { Release(std::static_pointer_cast<Track>(self)); }

 private:
  const std::shared_ptr<Runtime> runtime_;  // outlives what follows
  const rtc::scoped_refptr<webrtc::RtpReceiverInterface> receiver_;
  const rtc::scoped_refptr<webrtc::MediaStreamTrackInterface> track_;
  const bool video_;
  std::atomic<bool> enabled_{true};
  std::mutex mutex_;
  bool ended_ = false;
  std::vector<std::weak_ptr<TrackSink>> sinks_;
};

// A bounded buffer of the media of a remote track, which JavaScript reads by handle.
class TrackSink : public Object, public std::enable_shared_from_this<TrackSink> {
 public:
  // Detaches the sink from its track, on the signaling thread, and reports SORA_EVENT_ENDED after the last of its media if
  // `ended`. What is buffered can still be read; a sink that is left open holds no thread of libwebrtc's from then on.
  void Detach(bool ended);
  void Abandon(std::shared_ptr<Object>, uint32_t) override { Detach(/*ended=*/false); }

 protected:
  explicit TrackSink(std::shared_ptr<Track> track);

  // Opens a handle for the sink and attaches it to its track. Throws SORA_ERROR_CLOSED when the track has ended.
  uint32_t Attach(Kind kind);
  uint32_t handle() const { return handle_; }

  // On the signaling thread: libwebrtc's part of attaching and detaching.
  virtual void AddTo(webrtc::MediaStreamTrackInterface& track) = 0;
  virtual void RemoveFrom(webrtc::MediaStreamTrackInterface& track) = 0;

  // Reports SORA_EVENT_READABLE unless it is out already. lock: of mutex_.
  void Announce(std::unique_lock<std::mutex> lock);

  const std::shared_ptr<EventQueue> queue_;
  std::mutex mutex_;              // guards the buffer and what follows
  std::shared_ptr<Track> track_;  // null once detached
  bool announced_ = false;        // SORA_EVENT_READABLE is out, and the sink was not read until empty since

 private:
  uint32_t handle_ = 0;  // set before there is media
};

}  // namespace sora

#endif
