// The object behind sora_peer_*. Everything but Close and the posting of requests happens on libwebrtc's signaling thread.
#ifndef SORA_PEER_PEER_H
#define SORA_PEER_PEER_H

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "api/peer_connection_interface.h"
#include "core/object.h"
#include "media/track.h"
#include "media/transformer.h"
#include "peer/configuration.h"
#include "peer/engine.h"
#include "peer/offered_video.h"
#include "peer/send_limits.h"
#include "sora_ffi/peer.h"

namespace sora {

class Peer : public Object, public webrtc::PeerConnectionObserver, public std::enable_shared_from_this<Peer> {
 public:
  static constexpr Kind kKind = Kind::kPeer;

  explicit Peer(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}
  void Start(uint32_t handle, PeerConfiguration configuration);
  const std::shared_ptr<Engine>& engine() const { return engine_; }

  void SetRemoteOffer(std::string sdp, uint32_t request);
  void AddSender(rtc::scoped_refptr<webrtc::MediaStreamTrackInterface> track, SenderOptions options, uint32_t request);
  void SetEncodings(Encodings encodings, uint32_t request);
  void ReplaceSource(rtc::scoped_refptr<webrtc::MediaStreamTrackInterface> track, std::string mid, uint32_t request);
  void SetSenderTransformer(std::string mid, rtc::scoped_refptr<FrameTransformer> transformer, uint32_t request);
  void GetSenderParameters(std::string mid, uint32_t request);
  void CreateAnswer(uint32_t request);
  void GetStats(uint32_t request);

  // Ends a peer that was taken out of the table; pending requests fail, then SORA_EVENT_CLOSED comes.
  void Close();
  void Abandon(std::shared_ptr<Object>, uint32_t) override { Close(); }

  // On the signaling thread: completes a request once; later calls for the same one do nothing.
  void Complete(uint32_t request, int32_t code, const std::string& text);

  void OnSignalingChange(webrtc::PeerConnectionInterface::SignalingState) override {}
  void OnIceGatheringChange(webrtc::PeerConnectionInterface::IceGatheringState) override {}
  void OnConnectionChange(webrtc::PeerConnectionInterface::PeerConnectionState state) override;
  void OnIceSelectedCandidatePairChanged(const cricket::CandidatePairChangeEvent& event) override;
  void OnIceCandidate(const webrtc::IceCandidateInterface* candidate) override;
  void OnDataChannel(rtc::scoped_refptr<webrtc::DataChannelInterface> channel) override;
  void OnTrack(rtc::scoped_refptr<webrtc::RtpTransceiverInterface> transceiver) override;
  void OnRemoveTrack(rtc::scoped_refptr<webrtc::RtpReceiverInterface> receiver) override;

 private:
  void ApplyAnswer(std::unique_ptr<webrtc::SessionDescriptionInterface> answer, uint32_t request);
  using Body = std::function<void(webrtc::PeerConnectionInterface&)>;

  // Posts a request: body runs unless the peer is closed, and what it throws completes the request.
  void Request(uint32_t request, Body body);
  void Finish();
  // Has the sources of video send their last frame again, where none comes anyway.
  void RefreshVideo();
  // Reports video that cannot even be taken out of RTP, once.
  void ReportUnreceived();
  // Sets the degradation preferences again where a negotiation changed them, and the limits of the present offer.
  void KeepParameters();
  rtc::scoped_refptr<webrtc::RtpTransceiverInterface> Transceiver(const std::string& mid);

  const std::shared_ptr<Engine> engine_;  // outlives what follows
  uint32_t handle_ = 0;
  rtc::scoped_refptr<webrtc::PeerConnectionInterface> connection_;
  bool closed_ = false;
  sora_result start_code_ = SORA_ERROR_INTERNAL;
  bool routed_ = false;  // a pair of candidates was selected
  std::string start_error_;
  bool sync_ = false;
  std::map<std::string, std::string> stream_ids_;  // by mid, where libwebrtc is not told of them
  std::set<uint32_t> pending_;
  OfferedVideo offered_;                           // of the last offer
  std::map<std::string, std::string> unreceived_;  // mids and streams of video that was reported as such
  std::map<webrtc::RtpReceiverInterface*, uint32_t> tracks_;
  std::set<uint32_t> released_tracks_;
  std::vector<uint32_t> data_channels_;
  std::map<std::string, webrtc::DegradationPreference> preferences_;  // by mid
  SendLimits limits_;
};

}  // namespace sora

#endif
