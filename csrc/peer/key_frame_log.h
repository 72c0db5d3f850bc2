// The event log of a peer connection: it reports the key frames that the far side asks for, and hands the events on.
#ifndef SORA_PEER_KEY_FRAME_LOG_H
#define SORA_PEER_KEY_FRAME_LOG_H

#include <functional>
#include <memory>
#include <utility>

#include "api/rtc_event_log/rtc_event_log_factory_interface.h"

namespace sora {

// Called on libwebrtc's worker thread, after its encoders were told.
using OnKeyFrameRequest = std::function<void()>;

// libwebrtc tells nobody but the encoder that a key frame is wanted, and the encoder only with the next frame. Its event log sees
// the packets (RTCP, RFC 3550) in which it is asked for.
class KeyFrameLogFactory : public webrtc::RtcEventLogFactoryInterface {
 public:
  // The logs of `next` get every event as well.
  explicit KeyFrameLogFactory(std::unique_ptr<webrtc::RtcEventLogFactoryInterface> next) : logs_(std::move(next)) {}

  // For the peer connection that is made next.
  void SetNext(OnKeyFrameRequest on_request) { next_ = std::move(on_request); }

  std::unique_ptr<webrtc::RtcEventLog> Create(const webrtc::Environment& environment) const override;

 private:
  const std::unique_ptr<webrtc::RtcEventLogFactoryInterface> logs_;
  OnKeyFrameRequest next_;
};

}  // namespace sora

#endif
