// A remote track, as JavaScript holds it, and the sinks that are on it.
#ifndef SORA_MEDIA_TRACK_H
#define SORA_MEDIA_TRACK_H

#include <atomic>
#include <mutex>
#include <vector>

#include "api/media_stream_interface.h"
#include "api/rtp_receiver_interface.h"
#include "core/object.h"
#include "peer/engine.h"

namespace sora {

class Track : public Object {
 public:
  static constexpr Kind kKind = Kind::kTrack;

  Track(std::shared_ptr<Engine> engine, rtc::scoped_refptr<webrtc::RtpReceiverInterface> receiver, bool video)
      : engine_(std::move(engine)), receiver_(std::move(receiver)), track_(receiver_->track()), video_(video) {}

  const std::shared_ptr<Engine>& engine() const { return engine_; }
  bool video() const { return video_; }
  const rtc::scoped_refptr<webrtc::RtpReceiverInterface>& receiver() const { return receiver_; }
  const rtc::scoped_refptr<webrtc::MediaStreamTrackInterface>& track() const { return track_; }

  // libwebrtc blackens a disabled track's pictures by itself, but hands its audio sinks the sound all the same.
  bool enabled() const { return enabled_; }
  void SetEnabled(bool enabled) { enabled_ = enabled; }

  // Remembers a sink; throws SORA_ERROR_CLOSED when the track has ended.
  void Adopt(uint32_t sink);

  // Tells the sinks that nothing follows. They stay open until they are closed, what they hold can still be read.
  void End();

  // Ends a track that was taken out of the table, and lets go of it on the signaling thread.
  static void Release(std::shared_ptr<Track> track);

 private:
  const std::shared_ptr<Engine> engine_;  // outlives what follows
  const rtc::scoped_refptr<webrtc::RtpReceiverInterface> receiver_;
  const rtc::scoped_refptr<webrtc::MediaStreamTrackInterface> track_;
  const bool video_;
  std::atomic<bool> enabled_{true};
  std::mutex mutex_;
  bool ended_ = false;
  std::vector<uint32_t> sinks_;
};

}  // namespace sora

#endif
