#include "peer/peer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "api/jsep.h"
#include "api/stats/rtc_stats_report.h"
#include "core/field_trials.h"
#include "core/json_writer.h"
#include "net/dns_resolver.h"
#include "net/ice_checks.h"
#include "peer/data_channel.h"
#include "peer/key_frames.h"
#include "peer/observers.h"
#include "peer/offer_limits.h"
#include "peer/stereo.h"
#include "peer/sync_group.h"
#include "rtc_base/net_helper.h"

namespace sora {
namespace {

bool UsesTurnOverTls(const webrtc::PeerConnectionInterface::RTCConfiguration& configuration) {
  for (const auto& server : configuration.servers)
    for (const std::string& url : server.urls)
      if (absl::StartsWithIgnoreCase(url, "turns:")) return true;
  return false;
}

bool HasTcpCandidates(const webrtc::SessionDescriptionInterface& description) {
  for (size_t section = 0; section < description.number_of_mediasections(); ++section) {
    const auto& candidates = *description.candidates(section);
    for (size_t i = 0; i < candidates.count(); ++i)
      if (candidates.at(i)->candidate().protocol() == cricket::TCP_PROTOCOL_NAME) return true;
  }
  return false;
}

// A line of an SDP up to its first colon or 80th character: "a=ice-pwd:" is followed by a secret.
std::string WithoutValue(const std::string& line) {
  return line.substr(0, std::min<size_t>(80, line.find_first_of(": ", 2)));
}

}  // namespace

void Peer::Start(uint32_t handle, PeerConfiguration configuration) {
  handle_ = handle;
  received_.Start(handle, &offered_);
  Runtime::Post(runtime_, [self = shared_from_this(), configuration = std::move(configuration)]() mutable {
    if (self->closed_) return;
    try {
      self->runtime_->RequireThreads();
      self->runtime_->RequireFactory();
      self->Connect(std::move(configuration));
    } catch (const Error& error) {
      self->start_code_ = error.code();
      self->start_error_ = error.what();
    }
  });
}

void Peer::Connect(PeerConfiguration configuration) {
  // Here rather than on the network thread, where it would hold up all traffic.
  if (UsesTurnOverTls(configuration.rtc)) configuration.network.tls->Prepare();
  sync_ = configuration.sync;
  tcp_ = configuration.network.tcp;
  ice_use_ = configuration.network.use;
  webrtc::PeerConnectionDependencies dependencies(this);
  dependencies.trials = std::make_unique<FieldTrials>(configuration.sync);
  dependencies.async_dns_resolver_factory = CreateDnsResolverFactory();
  dependencies.ice_transport_factory = CreateIceTransportFactory(ice_use_);
  dependencies.allocator = runtime_->CreatePortAllocator(std::move(configuration.network));
  const auto on_request = [runtime = runtime_, weak = weak_from_this()] {
    Runtime::Post(runtime, [weak] {
      const auto self = weak.lock();
      if (self && self->connection_) RequestRefreshFrames(*self->connection_);
    });
  };
  auto made = runtime_->CreateConnection(configuration.rtc, std::move(dependencies), on_request);
  if (!made.ok()) throw Error(SORA_ERROR_INTERNAL, std::string("the configuration was refused: ") + made.error().message());
  connection_ = made.MoveValue();
  runtime_->failures().Listen(this, [&queue = runtime_->queue(), handle = handle_](const std::string& text) {
    queue.Push(SORA_EVENT_CODEC_FAILED, handle, 0, text);
  });
}

void Peer::Request(uint32_t request, Body body) {
  Runtime::Post(runtime_, [self = shared_from_this(), request, body = std::move(body)] {
    if (self->closed_)
      return self->runtime_->queue().PushResult(self->handle_, request, SORA_ERROR_CLOSED, "the peer is closed");
    if (!self->pending_.insert(request).second) return;
    try {
      if (!self->connection_) throw Error(self->start_code_, self->start_error_);
      body(*self->connection_);
    } catch (const Error& error) {
      self->Complete(request, error.code(), error.what());
    } catch (const std::exception& error) {
      self->Complete(request, SORA_ERROR_INTERNAL, error.what());
    }
  });
}

void Peer::RequestDone(uint32_t request, Body body) {
  Request(request, [this, request, body = std::move(body)](auto& connection) {
    body(connection);
    Complete(request, SORA_OK, "");
  });
}

void Peer::Complete(uint32_t request, int32_t code, const std::string& text) {
  if (pending_.erase(request)) runtime_->queue().PushResult(handle_, request, code, text);
}

void Peer::SetRemoteOffer(std::string sdp, uint32_t request) {
  Request(request, [this, request, sdp = std::move(sdp)](auto& connection) {
    CheckOfferSize(sdp);
    if (const std::string text = ice_use_->Exceeded(); !text.empty()) throw Error(SORA_ERROR_LIMIT, text);
    webrtc::SdpParseError error;
    auto description = webrtc::CreateSessionDescription(webrtc::SdpType::kOffer, sdp, &error);
    if (!description)
      throw Error(SORA_ERROR_INVALID_ARGUMENT,
                  "the SDP cannot be parsed: " + error.description + " in \"" + WithoutValue(error.line) + "\"");
    if (HasTcpCandidates(*description)) *tcp_ = true;
    offered_ = AdaptVideo(*description, runtime_->video());
    senders_.TakeLimits(*description->description());
    if (!sync_) received_.SetStreamIds(LeaveSyncGroups(*description));
    connection.SetRemoteDescription(
        std::move(description), RemoteDescriptionObserver::Create([self = shared_from_this(), request](auto error) {
          if (error.ok()) self->received_.ReportUnreceivable();
          self->Complete(request, error.ok() ? SORA_OK : SORA_ERROR_INVALID_ARGUMENT, error.message());
        }));
  });
}

void Peer::AddSender(Senders::Track track, SenderOptions options, uint32_t request) {
  RequestDone(request, [this, track = std::move(track), options = std::move(options)](auto& connection) {
    senders_.Add(connection, offered_, track, options);
  });
}

void Peer::SetEncodings(Encodings encodings, uint32_t request) {
  RequestDone(request,
              [this, encodings = std::move(encodings)](auto& connection) { senders_.SetEncodings(connection, encodings); });
}

void Peer::ReplaceSource(Senders::Track track, std::string mid, uint32_t request) {
  RequestDone(request, [track = std::move(track), mid = std::move(mid)](auto& connection) {
    Senders::Replace(connection, track, mid);
    RequestRefreshFrames(connection);
  });
}

void Peer::SetSenderTransformer(std::string mid, rtc::scoped_refptr<FrameTransformer> transformer, uint32_t request) {
  RequestDone(request, [mid = std::move(mid), transformer = std::move(transformer)](auto& connection) {
    Senders::SetTransformer(connection, transformer, mid);
  });
}

void Peer::CreateAnswer(uint32_t request) {
  Request(request, [this, request](auto& connection) {
    // libwebrtc would make an offer.
    if (connection.signaling_state() != webrtc::PeerConnectionInterface::kHaveRemoteOffer)
      throw Error(SORA_ERROR_INVALID_STATE, "there is no remote offer to answer");
    connection.CreateAnswer(CreateDescriptionObserver::Create([self = shared_from_this(), request](auto description) {
                              if (!description.ok())
                                return self->Complete(request, SORA_ERROR_INVALID_STATE, description.error().message());
                              self->ApplyAnswer(description.MoveValue(), request);
                            }).get(),
                            webrtc::PeerConnectionInterface::RTCOfferAnswerOptions());
  });
}

void Peer::ApplyAnswer(std::unique_ptr<webrtc::SessionDescriptionInterface> answer, uint32_t request) {
  if (!connection_) return Complete(request, SORA_ERROR_CLOSED, "the peer is closed");
  if (const auto* offer = connection_->remote_description()) RequestStereo(*offer->description(), *answer->description());
  connection_->SetLocalDescription(
      std::move(answer), LocalDescriptionObserver::Create([self = shared_from_this(), request](webrtc::RTCError error) {
        if (!error.ok()) return self->Complete(request, SORA_ERROR_INVALID_STATE, error.message());
        // What the offer asked for is done by now.
        if (const std::string text = self->ice_use_->Exceeded(); !text.empty())
          return self->Complete(request, SORA_ERROR_LIMIT, text);
        if (self->connection_) self->senders_.RestoreParameters(*self->connection_);
        std::string sdp;
        const auto* local = self->connection_ ? self->connection_->local_description() : nullptr;
        const auto description = local ? local->Clone() : nullptr;
        if (description) RestoreCodecs(*description, self->offered_);
        if (!description || !description->ToString(&sdp))
          return self->Complete(request, SORA_ERROR_INTERNAL, "libwebrtc made no answer");
        self->Complete(request, SORA_OK, sdp);
      }));
}

void Peer::GetStats(uint32_t request) {
  Request(request, [this, request](auto& connection) {
    connection.GetStats(StatsObserver::Create([self = shared_from_this(), request](const auto& report) {
                          self->Complete(request, SORA_OK, report->ToJson());
                        }).get());
  });
}

void Peer::OnConnectionChange(webrtc::PeerConnectionInterface::PeerConnectionState state) {
  static_assert(static_cast<int>(webrtc::PeerConnectionInterface::PeerConnectionState::kClosed) == SORA_PEER_STATE_CLOSED);
  runtime_->queue().Push(SORA_EVENT_PEER_STATE, handle_, static_cast<uint32_t>(state));
  // Frames that were pushed before were not sent.
  if (state == webrtc::PeerConnectionInterface::PeerConnectionState::kConnected && connection_)
    RequestRefreshFrames(*connection_);
}

void Peer::OnIceSelectedCandidatePairChanged(const cricket::CandidatePairChangeEvent&) {
  if (std::exchange(routed_, true) && connection_) RequestKeyFrames(*connection_);
}

void Peer::OnIceCandidate(const webrtc::IceCandidateInterface* candidate) {
  std::string text;
  if (!candidate->ToString(&text)) return;
  runtime_->queue().Push(SORA_EVENT_ICE_CANDIDATE, handle_, 0,
                         JsonObject()
                             .Add("candidate", text)
                             .Add("sdpMid", candidate->sdp_mid())
                             .Add("sdpMLineIndex", candidate->sdp_mline_index())
                             .text());
}

void Peer::OnDataChannel(rtc::scoped_refptr<webrtc::DataChannelInterface> channel) {
  const uint32_t handle = DataChannel::Start(std::make_shared<DataChannel>(runtime_, std::move(channel), handle_));
  if (!handle) return;
  ForgetClosed(data_channels_);
  data_channels_.push_back(handle);
}

void Peer::OnTrack(rtc::scoped_refptr<webrtc::RtpTransceiverInterface> transceiver) { received_.Add(*transceiver); }

void Peer::OnRemoveTrack(rtc::scoped_refptr<webrtc::RtpReceiverInterface> receiver) { received_.Remove(*receiver); }

void Peer::Close() {
  Runtime::Post(runtime_, [self = shared_from_this()] { self->Finish(); });
}

void Peer::Finish() {
  if (closed_) return;
  closed_ = true;
  runtime_->failures().Forget(this);
  // First, because libwebrtc may complete them when it closes, with texts of its own.
  for (const uint32_t request : std::exchange(pending_, {}))
    runtime_->queue().PushResult(handle_, request, SORA_ERROR_CLOSED, "the peer was closed");
  if (connection_) connection_->Close();
  for (const uint32_t handle : data_channels_) sora::Abandon(handle);
  received_.Close();
  connection_ = nullptr;
  // After everything that was posted just now.
  Runtime::Post(runtime_, [self = shared_from_this()] { self->runtime_->queue().Push(SORA_EVENT_CLOSED, self->handle_); });
}

}  // namespace sora
