#include "peer/undecodable.h"

#include <algorithm>

#include "api/video_codecs/sdp_video_format.h"
#include "pc/rtp_media_utils.h"
#include "pc/session_description.h"

namespace sora {
namespace {

bool CanDecode(const cricket::MediaContentDescription& media, const webrtc::RtpCapabilities& decodable) {
  return std::any_of(media.codecs().begin(), media.codecs().end(), [&](const auto& offered) {
    const webrtc::SdpVideoFormat format(offered.name, offered.params);
    return offered.GetResiliencyType() == cricket::Codec::ResiliencyType::kNone &&
           std::any_of(decodable.codecs.begin(), decodable.codecs.end(), [&](const auto& codec) {
             return format.IsSameCodec(webrtc::SdpVideoFormat(codec.name, codec.parameters));
           });
  });
}

}  // namespace

void LeaveOutUndecodable(webrtc::SessionDescriptionInterface& offer, const webrtc::RtpCapabilities& decodable) {
  for (auto& content : offer.description()->contents()) {
    cricket::MediaContentDescription* media = content.media_description();
    if (content.rejected || media->type() != cricket::MEDIA_TYPE_VIDEO || media->codecs().empty()) continue;
    if (!webrtc::RtpTransceiverDirectionHasSend(media->direction()) || CanDecode(*media, decodable)) continue;
    media->set_direction(webrtc::RtpTransceiverDirection::kInactive);
    media->mutable_streams().clear();
    // A codec that never gets a packet: without any, libwebrtc makes an answer that it then refuses itself.
    if (decodable.codecs.empty()) continue;
    const auto& codec = decodable.codecs[0];
    cricket::Codec stand_in = cricket::CreateVideoCodec(media->codecs()[0].id, codec.name);
    for (const auto& [name, value] : codec.parameters) stand_in.SetParam(name, value);
    media->set_codecs({stand_in});
  }
}

}  // namespace sora
