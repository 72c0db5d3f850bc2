#include "peer/peer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "api/jsep.h"
#include "api/stats/rtc_stats_report.h"
#include "core/field_trials.h"
#include "net/dns_resolver.h"
#include "pc/rtp_sender.h"
#include "pc/rtp_sender_proxy.h"
#include "pc/session_description.h"
#include "peer/data_channel.h"
#include "peer/observers.h"
#include "peer/offer_limits.h"
#include "peer/sync_group.h"
#include "rtc_base/logging.h"

namespace sora {
namespace {

std::string Dump(const nlohmann::json& json) { return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

void Check(const webrtc::RTCError& error) {
  if (!error.ok()) throw Error(SORA_ERROR_INTERNAL, error.message());
}

bool UsesTurnOverTls(const webrtc::PeerConnectionInterface::RTCConfiguration& configuration) {
  for (const auto& server : configuration.servers)
    for (const std::string& url : server.urls)
      if (absl::StartsWithIgnoreCase(url, "turns:")) return true;
  return false;
}

// libwebrtc decodes Opus in one channel unless its own answer asks for two (RFC 7587, section 6.1), and it never asks by itself:
// ask where the offer speaks of two.
void AskForStereo(const cricket::SessionDescription& offer, cricket::SessionDescription& answer) {
  for (auto& content : answer.contents()) {
    const auto* offered = offer.GetContentDescriptionByName(content.mid());
    if (!offered || !content.media_description()->as_audio()) continue;
    auto codecs = content.media_description()->codecs();
    for (auto& codec : codecs) {
      for (const auto& other : offered->codecs()) {
        std::string stereo;
        if (other.id == codec.id && other.GetParam("stereo", &stereo) && stereo == "1") codec.SetParam("stereo", "1");
      }
    }
    content.media_description()->set_codecs(codecs);
  }
}

// A line of an SDP up to its first colon or 80th character: "a=ice-pwd:" has a secret behind it.
std::string WithoutValue(const std::string& line) {
  return line.substr(0, std::min<size_t>(80, line.find_first_of(": ", 2)));
}

// Says what video comes in that is not decoded here, in the log too.
nlohmann::json Describe(const UndecodableVideo& video, const CodecEngines& engines) {
  auto codecs = nlohmann::json::array();
  std::string names;
  for (const auto& codec : video.codecs) {
    codecs.push_back({{"name", codec.name}, {"parameters", FormatParameters(codec)}});
    names += (names.empty() ? "" : ", ") + codec.name;
  }
  const std::string advice = video.codecs.empty() ? "" : engines.HowToDecode(video.codecs[0].name);
  RTC_LOG(LS_WARNING) << "The video of stream " << video.stream_id << " cannot be decoded here; its codec is " << names
                      << "; " << advice;
  return {{"codecs", codecs}, {"advice", advice}};
}

// Forgets handles that are closed, now and then, so that what the other side opens and closes does not add up.
template <typename Handles>
void ForgetClosed(Handles& handles) {
  if (handles.size() >= 64 && (handles.size() & (handles.size() - 1)) == 0)
    std::erase_if(handles, [](uint32_t handle) { return !IsOpen(handle); });
}

}  // namespace

void Peer::Start(uint32_t handle, PeerConfiguration configuration) {
  handle_ = handle;
  Engine::Post(engine_, [self = shared_from_this(), configuration = std::move(configuration)]() mutable {
    if (self->closed_) return;
    try {
      RequireThreads();
    } catch (const Error& error) {
      self->start_code_ = error.code();
      self->start_error_ = error.what();
      return;
    }
    // Here rather than on the network thread, where it would hold up everything that flows.
    if (UsesTurnOverTls(configuration.rtc)) configuration.network.tls->Prepare();
    self->sync_ = configuration.sync;
    webrtc::PeerConnectionDependencies dependencies(self.get());
    dependencies.trials = std::make_unique<FieldTrials>(configuration.sync);
    dependencies.async_dns_resolver_factory = CreateDnsResolverFactory();
    dependencies.allocator = self->engine_->CreatePortAllocator(std::move(configuration.network));
    const auto on_request = [engine = self->engine_, weak = self->weak_from_this()] {
      Engine::Post(engine, [weak] {
        if (const auto self = weak.lock()) self->RefreshVideo();
      });
    };
    auto made = self->engine_->CreateConnection(configuration.rtc, std::move(dependencies), on_request);
    if (made.ok()) {
      self->connection_ = made.MoveValue();
    } else {
      self->start_error_ = std::string("the configuration was refused: ") + made.error().message();
    }
  });
}

void Peer::Request(uint32_t request, Body body) {
  Engine::Post(engine_, [self = shared_from_this(), request, body = std::move(body)] {
    if (self->closed_)
      return self->engine_->queue().PushResult(self->handle_, request, SORA_ERROR_CLOSED, "the peer is closed");
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

void Peer::Complete(uint32_t request, int32_t code, const std::string& text) {
  if (pending_.erase(request)) engine_->queue().PushResult(handle_, request, code, text);
}

void Peer::SetRemoteOffer(std::string sdp, uint32_t request) {
  Request(request, [this, request, sdp = std::move(sdp)](auto& connection) {
    CheckOfferSize(sdp);
    webrtc::SdpParseError error;
    auto description = webrtc::CreateSessionDescription(webrtc::SdpType::kOffer, sdp, &error);
    if (!description)
      throw Error(SORA_ERROR_INVALID_ARGUMENT,
                  "the SDP cannot be parsed: " + error.description + " in \"" + WithoutValue(error.line) + "\"");
    offered_ = AdaptVideo(*description, engine_->video());
    limits_.Take(*description->description());
    if (!sync_) stream_ids_ = LeaveSyncGroups(*description);
    connection.SetRemoteDescription(
        std::move(description), RemoteDescriptionObserver::Create([self = shared_from_this(), request](auto error) {
          if (error.ok()) self->ReportUnreceived();
          self->Complete(request, error.ok() ? SORA_OK : SORA_ERROR_INVALID_ARGUMENT, error.message());
        }));
  });
}

rtc::scoped_refptr<webrtc::RtpTransceiverInterface> Peer::Transceiver(const std::string& mid) {
  for (auto& transceiver : connection_->GetTransceivers())
    if (transceiver->mid() == mid && !transceiver->stopped()) return transceiver;
  throw Error(SORA_ERROR_INVALID_STATE, "the remote offer has no media description with the mid \"" + mid + "\"");
}

void Peer::AddSender(rtc::scoped_refptr<webrtc::MediaStreamTrackInterface> track, SenderOptions options, uint32_t request) {
  Request(request, [this, request, track = std::move(track), options = std::move(options)](auto&) {
    if (offered_.unsent.count(options.mid))
      throw Error(SORA_ERROR_UNSUPPORTED, "nothing here encodes what mid \"" + options.mid + "\" is offered in");
    const auto transceiver = Transceiver(options.mid);
    const auto sender = transceiver->sender();
    if (!sender->SetTrack(track.get()))
      throw Error(SORA_ERROR_INVALID_ARGUMENT, "mid \"" + options.mid + "\" is of another kind than the source");
    sender->SetStreams(options.stream_ids);
    Check(transceiver->SetDirectionWithError(webrtc::RtpTransceiverDirection::kSendOnly));
    webrtc::RtpParameters parameters = sender->GetParameters();
    if (options.degradation_preference) {
      preferences_[options.mid] = *options.degradation_preference;
      parameters.degradation_preference = *options.degradation_preference;
    }
    // There are no encodings before the first answer: what is asked for is applied then.
    std::vector<webrtc::RtpEncodingParameters> asked = parameters.encodings;
    if (asked.empty()) asked.emplace_back();
    if (options.max_bitrate_bps) asked[0].max_bitrate_bps = *options.max_bitrate_bps;
    limits_.Ask(options.mid, asked);
    if (limits_.Apply(options.mid, parameters) || options.degradation_preference) Check(sender->SetParameters(parameters));
    Complete(request, SORA_OK, "");
  });
}

void Peer::KeepParameters() {
  if (!connection_) return;
  for (const auto& transceiver : connection_->GetTransceivers()) {
    if (transceiver->stopped()) continue;
    const std::string mid = transceiver->mid().value_or("");
    webrtc::RtpParameters parameters = transceiver->sender()->GetParameters();
    bool changed = limits_.Apply(mid, parameters);
    const auto found = preferences_.find(mid);
    if (found != preferences_.end() && parameters.degradation_preference != found->second) {
      parameters.degradation_preference = found->second;
      changed = true;
    }
    if (!changed) continue;
    const auto error = transceiver->sender()->SetParameters(parameters);
    if (!error.ok()) RTC_LOG(LS_WARNING) << "The parameters of mid \"" << mid << "\" were not kept: " << error.message();
  }
}

void Peer::GetSenderParameters(std::string mid, uint32_t request) {
  Request(request, [this, request, mid = std::move(mid)](auto&) {
    const webrtc::RtpParameters parameters = Transceiver(mid)->sender()->GetParameters();
    nlohmann::json json = {{"encodings", nlohmann::json::array()}};
    if (const auto preference = parameters.degradation_preference) json["degradationPreference"] = NameOf(*preference);
    for (const auto& encoding : parameters.encodings) {
      nlohmann::json entry = {{"rid", encoding.rid}};
      if (encoding.max_bitrate_bps) entry["maxBitrate"] = *encoding.max_bitrate_bps;
      json["encodings"].push_back(std::move(entry));
    }
    Complete(request, SORA_OK, Dump(json));
  });
}

void Peer::SetEncodings(Encodings encodings, uint32_t request) {
  Request(request, [this, request, encodings = std::move(encodings)](auto&) mutable {
    const auto sender = Transceiver(encodings.mid)->sender();
    webrtc::RtpParameters parameters = sender->GetParameters();
    for (auto& wanted : encodings.encodings) {
      for (const auto& present : parameters.encodings)
        if (present.rid == wanted.rid) wanted.ssrc = present.ssrc;
    }
    parameters.encodings = std::move(encodings.encodings);
    limits_.Ask(encodings.mid, parameters.encodings);
    limits_.Apply(encodings.mid, parameters);
    Check(sender->SetParameters(parameters));
    Complete(request, SORA_OK, "");
  });
}

void Peer::ReplaceSource(rtc::scoped_refptr<webrtc::MediaStreamTrackInterface> track, std::string mid, uint32_t request) {
  Request(request, [this, request, track = std::move(track), mid = std::move(mid)](auto&) {
    if (!Transceiver(mid)->sender()->SetTrack(track.get()))
      throw Error(SORA_ERROR_INVALID_ARGUMENT, "mid \"" + mid + "\" is of another kind than the source");
    RefreshVideo();
    Complete(request, SORA_OK, "");
  });
}

void Peer::RefreshVideo() {
  if (!connection_) return;
  for (const auto& sender : connection_->GetSenders()) {
    const auto track = sender->track();
    if (track && track->kind() == webrtc::MediaStreamTrackInterface::kVideoKind)
      static_cast<webrtc::VideoTrackInterface&>(*track).RequestRefreshFrame();
  }
}

void Peer::SetSenderTransformer(std::string mid, rtc::scoped_refptr<FrameTransformer> transformer, uint32_t request) {
  Request(request, [this, request, mid = std::move(mid), transformer = std::move(transformer)](auto&) {
    const auto sender = Transceiver(mid)->sender();
    if ((sender->media_type() == cricket::MEDIA_TYPE_VIDEO) != transformer->video())
      throw Error(SORA_ERROR_INVALID_ARGUMENT, "mid \"" + mid + "\" is of another kind than the transformer");
    sender->SetEncoderToPacketizerFrameTransformer(transformer);
    Complete(request, SORA_OK, "");
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
  if (const auto* offer = connection_->remote_description()) AskForStereo(*offer->description(), *answer->description());
  connection_->SetLocalDescription(
      std::move(answer), LocalDescriptionObserver::Create([self = shared_from_this(), request](webrtc::RTCError error) {
        if (!error.ok()) return self->Complete(request, SORA_ERROR_INVALID_STATE, error.message());
        self->KeepParameters();
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
  engine_->queue().Push(SORA_EVENT_PEER_STATE, handle_, static_cast<uint32_t>(state));
  // What its sources got before went nowhere.
  if (state == webrtc::PeerConnectionInterface::PeerConnectionState::kConnected) RefreshVideo();
}

// What was sent between the loss of one way and the next is too old to be sent again: without key frames, receivers wait for it
// for three seconds.
void Peer::OnIceSelectedCandidatePairChanged(const cricket::CandidatePairChangeEvent&) {
  if (!std::exchange(routed_, true) || !connection_) return;
  for (const auto& transceiver : connection_->GetTransceivers()) {
    if (transceiver->stopped() || transceiver->media_type() != cricket::MEDIA_TYPE_VIDEO) continue;
    auto* sender = static_cast<webrtc::RtpSenderProxyWithInternal<webrtc::RtpSenderInternal>*>(transceiver->sender().get());
    // Not by the parameters (request_key_frame): they take no encoding without a rid.
    if (sender->track()) static_cast<webrtc::VideoRtpSender*>(sender->internal())->GenerateKeyFrame({});
    const auto track = transceiver->receiver()->track();
    if (auto* source = static_cast<webrtc::VideoTrackInterface&>(*track).GetSource()) source->GenerateKeyFrame();
  }
}

void Peer::OnIceCandidate(const webrtc::IceCandidateInterface* candidate) {
  std::string text;
  if (!candidate->ToString(&text)) return;
  engine_->queue().Push(
      SORA_EVENT_ICE_CANDIDATE, handle_, 0,
      Dump({{"candidate", text}, {"sdpMid", candidate->sdp_mid()}, {"sdpMLineIndex", candidate->sdp_mline_index()}}));
}

void Peer::OnDataChannel(rtc::scoped_refptr<webrtc::DataChannelInterface> channel) {
  const uint32_t handle = DataChannel::Start(std::make_shared<DataChannel>(engine_, std::move(channel), handle_));
  if (!handle) return;
  ForgetClosed(data_channels_);
  data_channels_.push_back(handle);
}

void Peer::OnTrack(rtc::scoped_refptr<webrtc::RtpTransceiverInterface> transceiver) {
  const auto receiver = transceiver->receiver();
  const bool video = receiver->media_type() == cricket::MEDIA_TYPE_VIDEO;
  const auto mid = transceiver->mid().value_or("");
  const auto stream_ids = receiver->stream_ids();
  std::string stream_id = stream_ids.empty() ? "" : stream_ids[0];
  if (const auto offered = stream_ids_.find(mid); offered != stream_ids_.end()) stream_id = offered->second;
  nlohmann::json description{
      {"kind", video ? "video" : "audio"}, {"id", receiver->track()->id()}, {"streamId", stream_id}, {"mid", mid}};
  const auto undecodable = offered_.undecodable.find(mid);
  if (video && undecodable != offered_.undecodable.end())
    description["undecodable"] = Describe(undecodable->second, engine_->codecs());
  uint32_t handle = 0;
  try {
    handle = Open(Kind::kTrack, std::make_shared<Track>(engine_, receiver, video));
    tracks_[receiver.get()] = handle;
  } catch (const Error&) {
    // Reported with the handle 0.
  }
  engine_->queue().Push(SORA_EVENT_TRACK, handle_, handle, Dump(description));
}

void Peer::ReportUnreceived() {
  std::map<std::string, std::string> unreceived;
  for (const auto& [mid, video] : offered_.undecodable) {
    if (video.received) continue;
    unreceived[mid] = video.stream_id;
    const auto known = unreceived_.find(mid);
    if (known != unreceived_.end() && known->second == video.stream_id) continue;
    engine_->queue().Push(SORA_EVENT_TRACK, handle_, 0,
                          Dump({{"kind", "video"},
                                {"id", ""},
                                {"streamId", video.stream_id},
                                {"mid", mid},
                                {"undecodable", Describe(video, engine_->codecs())}}));
  }
  unreceived_ = std::move(unreceived);
}

void Peer::OnRemoveTrack(rtc::scoped_refptr<webrtc::RtpReceiverInterface> receiver) {
  const auto found = tracks_.find(receiver.get());
  if (found == tracks_.end()) return;
  const uint32_t handle = found->second;
  tracks_.erase(found);
  try {
    Find<Track>(handle)->End();
    ForgetClosed(released_tracks_);
    released_tracks_.insert(handle);
  } catch (const Error&) {
    // Released already.
  }
  engine_->queue().Push(SORA_EVENT_TRACK_REMOVED, handle_, handle);
}

void Peer::Close() {
  Engine::Post(engine_, [self = shared_from_this()] { self->Finish(); });
}

void Peer::Finish() {
  if (closed_) return;
  closed_ = true;
  // First, because libwebrtc may complete them on its closing, with texts of its own.
  for (const uint32_t request : std::exchange(pending_, {}))
    engine_->queue().PushResult(handle_, request, SORA_ERROR_CLOSED, "the peer was closed");
  if (connection_) connection_->Close();
  for (const uint32_t handle : data_channels_) {
    try {
      DataChannel::Release(Take<DataChannel>(handle));
    } catch (const Error&) {
    }
  }
  for (const auto& [receiver, handle] : tracks_) released_tracks_.insert(handle);
  tracks_.clear();
  for (const uint32_t handle : released_tracks_) {
    try {
      Track::Release(Take<Track>(handle));
    } catch (const Error&) {
    }
  }
  connection_ = nullptr;
  // After what was posted just now.
  Engine::Post(engine_, [self = shared_from_this()] { self->engine_->queue().Push(SORA_EVENT_CLOSED, self->handle_); });
}

}  // namespace sora
