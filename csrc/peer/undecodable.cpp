#include "peer/undecodable.h"

#include <algorithm>
#include <utility>
#include <vector>

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

// A payload type of RFC 3551's dynamic ranges that is not used yet.
int Unused(const std::set<int>& used) {
  for (const auto& [first, last] : {std::pair(96, 127), {35, 63}})
    for (int type = last; type >= first; --type)
      if (!used.count(type)) return type;
  return -1;
}

}  // namespace

std::set<std::string> LeaveOutImpossible(webrtc::SessionDescriptionInterface& offer,
                                         const webrtc::RtpCapabilities& decodable,
                                         const webrtc::RtpCapabilities& encodable) {
  std::vector<cricket::ContentInfo*> impossible;
  std::set<int> used, kept;
  std::set<std::string> unsent;
  for (auto& content : offer.description()->contents()) {
    const cricket::MediaContentDescription& media = *content.media_description();
    if (content.rejected) continue;
    const bool sends = media.direction() == webrtc::RtpTransceiverDirection::kRecvOnly;
    const bool possible =
        media.type() != cricket::MEDIA_TYPE_VIDEO || media.codecs().empty() || Has(media, sends ? encodable : decodable);
    for (const auto& codec : media.codecs()) {
      used.insert(codec.id);
      if (possible) kept.insert(codec.id);
    }
    if (possible) continue;
    impossible.push_back(&content);
    if (sends) unsent.insert(content.mid());
  }
  for (auto* content : impossible) {
    cricket::MediaContentDescription* media = content->media_description();
    media->set_direction(webrtc::RtpTransceiverDirection::kInactive);
    media->mutable_streams().clear();
    // A codec that never gets a packet: without any, libwebrtc makes an answer that it then refuses itself.
    if (decodable.codecs.empty()) continue;
    // In a BUNDLE group a payload type may not mean two codecs.
    int type = media->codecs()[0].id;
    if (kept.count(type)) type = Unused(used);
    if (type < 0) continue;
    const auto& codec = decodable.codecs[0];
    cricket::Codec stand_in = cricket::CreateVideoCodec(type, codec.name);
    for (const auto& [name, value] : codec.parameters) stand_in.SetParam(name, value);
    media->set_codecs({stand_in});
  }
  return unsent;
}

}  // namespace sora
