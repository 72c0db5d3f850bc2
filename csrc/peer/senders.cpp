#include "peer/senders.h"

#include <utility>

#include "core/result.h"
#include "rtc_base/logging.h"

namespace sora {
namespace {

void Check(const webrtc::RTCError& error) {
  if (!error.ok()) throw Error(SORA_ERROR_INTERNAL, error.message());
}

rtc::scoped_refptr<webrtc::RtpTransceiverInterface> Transceiver(webrtc::PeerConnectionInterface& connection,
                                                                const std::string& mid) {
  for (auto& transceiver : connection.GetTransceivers())
    if (transceiver->mid() == mid && !transceiver->stopped()) return transceiver;
  throw Error(SORA_ERROR_INVALID_STATE, "the remote offer has no media description with the mid \"" + mid + "\"");
}

void SetTrack(webrtc::RtpSenderInterface& sender, const Senders::Track& track, const std::string& mid) {
  if (!sender.SetTrack(track.get()))
    throw Error(SORA_ERROR_INVALID_ARGUMENT, "mid \"" + mid + "\" is of another kind than the source");
}

}  // namespace

void Senders::Add(webrtc::PeerConnectionInterface& connection, const OfferedVideo& offered, const Track& track,
                  const SenderOptions& options) {
  if (offered.unsent.count(options.mid))
    throw Error(SORA_ERROR_UNSUPPORTED, "no engine encodes the codecs that mid \"" + options.mid + "\" is offered in");
  const auto transceiver = Transceiver(connection, options.mid);
  const auto sender = transceiver->sender();
  SetTrack(*sender, track, options.mid);
  sender->SetStreams(options.stream_ids);
  Check(transceiver->SetDirectionWithError(webrtc::RtpTransceiverDirection::kSendOnly));
  webrtc::RtpParameters parameters = sender->GetParameters();
  if (options.degradation_preference) {
    preferences_[options.mid] = *options.degradation_preference;
    parameters.degradation_preference = *options.degradation_preference;
  }
  // Before the first answer there are no encodings: the one that comes with it gets its limit then.
  limits_.Request(options.mid,
                  parameters.encodings.empty() ? std::vector(1, webrtc::RtpEncodingParameters()) : parameters.encodings);
  if (limits_.Apply(options.mid, parameters) || options.degradation_preference) Check(sender->SetParameters(parameters));
}

void Senders::SetEncodings(webrtc::PeerConnectionInterface& connection, Encodings encodings) {
  const auto sender = Transceiver(connection, encodings.mid)->sender();
  webrtc::RtpParameters parameters = sender->GetParameters();
  for (auto& wanted : encodings.encodings) {
    for (const auto& present : parameters.encodings)
      if (present.rid == wanted.rid) wanted.ssrc = present.ssrc;
  }
  parameters.encodings = std::move(encodings.encodings);
  limits_.Request(encodings.mid, parameters.encodings);
  limits_.Apply(encodings.mid, parameters);
  Check(sender->SetParameters(parameters));
}

void Senders::Replace(webrtc::PeerConnectionInterface& connection, const Track& track, const std::string& mid) {
  SetTrack(*Transceiver(connection, mid)->sender(), track, mid);
}

void Senders::SetTransformer(webrtc::PeerConnectionInterface& connection,
                             const rtc::scoped_refptr<FrameTransformer>& transformer, const std::string& mid) {
  const auto sender = Transceiver(connection, mid)->sender();
  if ((sender->media_type() == cricket::MEDIA_TYPE_VIDEO) != transformer->video())
    throw Error(SORA_ERROR_INVALID_ARGUMENT, "mid \"" + mid + "\" is of another kind than the transformer");
  sender->SetEncoderToPacketizerFrameTransformer(transformer);
}

void Senders::RestoreParameters(webrtc::PeerConnectionInterface& connection) const {
  for (const auto& transceiver : connection.GetTransceivers()) {
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

}  // namespace sora
