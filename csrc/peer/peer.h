// The object behind sora_peer_*. Everything but Close and the posting of requests happens on libwebrtc's signaling thread.
#ifndef SORA_PEER_PEER_H
#define SORA_PEER_PEER_H

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/peer_connection_interface.h"
#include "core/object.h"
#include "media/transformer.h"
#include "net/ice_use.h"
#include "peer/configuration.h"
#include "peer/offered_video.h"
#include "peer/received_tracks.h"
#include "peer/senders.h"
#include "runtime/runtime.h"
#include "sora_ffi/peer.h"

namespace sora {

class Peer : public Object, public webrtc::PeerConnectionObserver, public std::enable_shared_from_this<Peer> {
 public:
  static constexpr Kind kKind = Kind::kPeer;

  explicit Peer(std::shared_ptr<Runtime> runtime) : runtime_(runtime), received_(std::move(runtime)) {}
  void Start(uint32_t handle, PeerConfiguration configuration);
  const std::shared_ptr<Runtime>& runtime() const { return runtime_; }

  // The requests of sora_ffi/peer.h, each with its number.
  void SetRemoteOffer(std::string sdp, uint32_t request);
  void AddSender(Senders::Track track, SenderOptions options, uint32_t request);
  void SetEncodings(Encodings encodings, uint32_t request);
  void ReplaceSource(Senders::Track track, std::string mid, uint32_t request);
  void SetSenderTransformer(std::string mid, rtc::scoped_refptr<FrameTransformer> transformer, uint32_t request);
  void CreateAnswer(uint32_t request);
  void GetStats(uint32_t request);

  // Ends a peer that was taken out of the table: pending requests fail, then SORA_EVENT_CLOSED comes.
  void Close();
  void Abandon(std::shared_ptr<Object>, uint32_t) override { Close(); }

  void OnSignalingChange(webrtc::PeerConnectionInterface::SignalingState) override {}
  void OnIceGatheringChange(webrtc::PeerConnectionInterface::IceGatheringState) override {}
  void OnConnectionChange(webrtc::PeerConnectionInterface::PeerConnectionState state) override;
  void OnIceSelectedCandidatePairChanged(const cricket::CandidatePairChangeEvent& event) override;
  void OnIceCandidate(const webrtc::IceCandidateInterface* candidate) override;
  void OnDataChannel(rtc::scoped_refptr<webrtc::DataChannelInterface> channel) override;
  void OnTrack(rtc::scoped_refptr<webrtc::RtpTransceiverInterface> transceiver) override;
  void OnRemoveTrack(rtc::scoped_refptr<webrtc::RtpReceiverInterface> receiver) override;

 private:
  using Body = std::function<void(webrtc::PeerConnectionInterface&)>;

  void Connect(PeerConfiguration configuration);
  // Posts a request: body runs unless the peer is closed, and what it throws completes the request.
  void Request(uint32_t request, Body body);
  // The same for a body that completes the request by returning.
  void RequestDone(uint32_t request, Body body);
  // Completes a request; later calls for the same one do nothing.
  void Complete(uint32_t request, int32_t code, const std::string& text);
  void ApplyAnswer(std::unique_ptr<webrtc::SessionDescriptionInterface> answer, uint32_t request);
  void Finish();

  const std::shared_ptr<Runtime> runtime_;  // outlives what follows
  uint32_t handle_ = 0;
  rtc::scoped_refptr<webrtc::PeerConnectionInterface> connection_;
  bool closed_ = false;
  bool routed_ = false;  // a candidate pair was selected
  bool sync_ = false;
  std::shared_ptr<std::atomic<bool>> tcp_;        // see NetworkSettings; null without connection_
  std::shared_ptr<IceUse> ice_use_;               // the same
  sora_result start_code_ = SORA_ERROR_INTERNAL;  // why there is no connection_
  std::string start_error_;
  std::set<uint32_t> pending_;
  OfferedVideo offered_;  // of the last offer
  Senders senders_;
  ReceivedTracks received_;
  std::vector<uint32_t> data_channels_;
};

}  // namespace sora

#endif
