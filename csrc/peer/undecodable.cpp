#include "peer/undecodable.h"

#include <algorithm>

#include "api/video_codecs/sdp_video_format.h"
#include "pc/rtp_media_utils.h"
#include "pc/session_description.h"

namespace sora {
namespace {

bool Has(const cricket::MediaContentDescription& media, const webrtc::RtpCapabilities& known) {
  return std::any_of(media.codecs().begin(), media.codecs().end(), [&](const auto& offered) {
    const webrtc::SdpVideoFormat format(offered.name, offered.params);
    return offered.GetResiliencyType() == cricket::Codec::ResiliencyType::kNone &&
           std::any_of(known.codecs.begin(), known.codecs.end(), [&](const auto& codec) {
             return format.IsSameCodec(webrtc::SdpVideoFormat(codec.name, codec.parameters));
           });
  });
}

}  // namespace

void LeaveOutUndecodable(webrtc::SessionDescriptionInterface& offer, const webrtc::RtpCapabilities& decodable,
                         const webrtc::RtpCapabilities& encodable) {
  auto& all = offer.description()->contents();
  const bool receives = std::any_of(all.begin(), all.end(), [](auto& content) {
    return content.media_description()->type() == cricket::MEDIA_TYPE_VIDEO &&
           webrtc::RtpTransceiverDirectionHasSend(content.media_description()->direction());
  });
  for (auto& content : all) {
    cricket::MediaContentDescription* media = content.media_description();
    if (content.rejected || media->type() != cricket::MEDIA_TYPE_VIDEO || media->codecs().empty()) continue;
    if (Has(*media, decodable)) continue;
    // What is to be sent: rejected by libwebrtc unless other video is accepted, and then refused as well.
    if (media->direction() == webrtc::RtpTransceiverDirection::kRecvOnly) {
      content.rejected = receives && !Has(*media, encodable);
      continue;
    }
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
