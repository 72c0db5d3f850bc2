// The event log of a peer connection: it reports packets of media and the key frames that the remote side requests, and passes
// the events on.
#ifndef SORA_RUNTIME_KEY_FRAME_LOG_H
#define SORA_RUNTIME_KEY_FRAME_LOG_H

#include <functional>
#include <memory>
#include <utility>

#include "api/rtc_event_log/rtc_event_log_factory_interface.h"

namespace sora {

// Called on libwebrtc's network thread, after its encoders were notified.
using OnKeyFrameRequest = std::function<void()>;
// Called for each packet that is received or sent, on the thread that handles it.
using OnMediaPacket = std::function<void()>;

// libwebrtc passes the request for a key frame to the encoder alone, and only with the next frame. Its event log sees the packets
// (RTCP, RFC 3550) that contain the request.
class KeyFrameLogFactory : public webrtc::RtcEventLogFactoryInterface {
 public:
  // The logs of `next` get every event as well.
  KeyFrameLogFactory(std::unique_ptr<webrtc::RtcEventLogFactoryInterface> next, OnMediaPacket on_media)
      : logs_(std::move(next)), on_media_(std::move(on_media)) {}

  // For the peer connection made next.
  void SetNext(OnKeyFrameRequest on_request) { next_ = std::move(on_request); }

  std::unique_ptr<webrtc::RtcEventLog> Create(const webrtc::Environment& environment) const override;

 private:
  const std::unique_ptr<webrtc::RtcEventLogFactoryInterface> logs_;
  const OnMediaPacket on_media_;
  OnKeyFrameRequest next_;
};

}  // namespace sora

#endif
