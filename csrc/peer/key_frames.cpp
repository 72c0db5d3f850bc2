#include "peer/key_frames.h"

#include "pc/rtp_sender.h"
#include "pc/rtp_sender_proxy.h"

namespace sora {

void RequestRefreshFrames(webrtc::PeerConnectionInterface& connection) {
  for (const auto& sender : connection.GetSenders()) {
    const auto track = sender->track();
    if (track && track->kind() == webrtc::MediaStreamTrackInterface::kVideoKind)
      static_cast<webrtc::VideoTrackInterface&>(*track).RequestRefreshFrame();
  }
}

void RequestKeyFrames(webrtc::PeerConnectionInterface& connection) {
  for (const auto& transceiver : connection.GetTransceivers()) {
    if (transceiver->stopped() || transceiver->media_type() != cricket::MEDIA_TYPE_VIDEO) continue;
    auto* sender = static_cast<webrtc::RtpSenderProxyWithInternal<webrtc::RtpSenderInternal>*>(transceiver->sender().get());
    // Not by the parameters (request_key_frame): they accept no encoding without a rid.
    if (sender->track()) static_cast<webrtc::VideoRtpSender*>(sender->internal())->GenerateKeyFrame({});
    const auto track = transceiver->receiver()->track();
    if (auto* source = static_cast<webrtc::VideoTrackInterface&>(*track).GetSource()) source->GenerateKeyFrame();
  }
}

}  // namespace sora
