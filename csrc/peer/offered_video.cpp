#include "peer/offered_video.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "media/base/media_constants.h"
#include "pc/session_description.h"

namespace sora {
namespace {

using Codecs = std::vector<cricket::Codec>;

bool IsMedia(const cricket::Codec& codec) { return codec.GetResiliencyType() == cricket::Codec::ResiliencyType::kNone; }

// The codecs to keep, with the retransmission and error correction that belong to them; empty when no media codec is left.
Codecs Reduce(Codecs codecs, const std::function<bool(cricket::Codec&)>& keep) {
  std::set<int> media;
  for (cricket::Codec& codec : codecs)
    if (IsMedia(codec) && keep(codec)) media.insert(codec.id);
  if (media.empty()) return {};
  std::erase_if(codecs, [&](const cricket::Codec& codec) {
    int type = codec.id;
    if (!IsMedia(codec) && !codec.GetParam(cricket::kCodecParamAssociatedPayloadType, &type)) return false;
    return !media.count(type);
  });
  return codecs;
}

// Makes a codec one that is received without being decoded; false when libwebrtc cannot depacketize it.
bool MakeUndecodable(cricket::Codec& codec, const VideoFormats& undecodable) {
  if (Matching(undecodable, codec)) return true;
  for (const auto& format : undecodable) {
    if (!absl::EqualsIgnoreCase(format.name, codec.name)) continue;
    codec.params = format.parameters;
    if (Matching(undecodable, codec)) return true;
  }
  return false;
}

void RemoveForeign(cricket::Codec& codec) {
  std::erase_if(codec.params, [](const auto& param) { return absl::StartsWith(param.first, "x-google-"); });
}

// An unused payload type of the dynamic ranges (RFC 3551).
int Unused(const std::set<int>& used) {
  for (const auto& [first, last] : {std::pair(96, 127), {35, 63}})
    for (int type = last; type >= first; --type)
      if (!used.count(type)) return type;
  return -1;
}

// An inactive media description needs a codec although no packet ever uses it: without one, libwebrtc makes an answer that it
// then refuses itself.
void MakeInactive(cricket::MediaContentDescription& media, const VideoAbilities& abilities, const std::set<int>& used,
                  const std::set<int>& kept) {
  media.set_direction(webrtc::RtpTransceiverDirection::kInactive);
  media.mutable_streams().clear();
  // In a BUNDLE group a payload type must not stand for two codecs.
  int type = media.codecs()[0].id;
  if (kept.count(type)) type = Unused(used);
  const VideoFormats& formats = abilities.encoded.empty() ? abilities.decoded : abilities.encoded;
  if (type < 0 || formats.empty()) return;
  cricket::Codec stand_in = cricket::CreateVideoCodec(formats[0]);
  stand_in.id = type;
  media.set_codecs({stand_in});
}

}  // namespace

OfferedVideo AdaptVideo(webrtc::SessionDescriptionInterface& offer, const VideoAbilities& abilities) {
  OfferedVideo offered;
  std::vector<cricket::MediaContentDescription*> impossible;
  std::set<int> used, kept;
  for (auto& content : offer.description()->contents()) {
    cricket::MediaContentDescription& media = *content.media_description();
    if (content.rejected) continue;
    const Codecs codecs = media.codecs();
    for (const auto& codec : codecs) used.insert(codec.id);
    Codecs left = codecs;
    if (media.type() == cricket::MEDIA_TYPE_VIDEO && !codecs.empty()) {
      using Direction = webrtc::RtpTransceiverDirection;
      const bool receives = media.direction() == Direction::kSendOnly || media.direction() == Direction::kSendRecv;
      left = Reduce(codecs, [&](auto& codec) { return Matching(receives ? abilities.decoded : abilities.encoded, codec); });
      if (left.empty()) {
        offered.codecs[content.mid()] = codecs;
        if (media.direction() == Direction::kRecvOnly) offered.unsent.insert(content.mid());
        if (receives) {
          left = Reduce(codecs, [&](auto& codec) { return MakeUndecodable(codec, abilities.undecodable); });
          UndecodableVideo& video = offered.undecodable[content.mid()];
          video.received = !left.empty();
          if (!media.streams().empty()) video.stream_id = media.streams()[0].first_stream_id();
          std::copy_if(codecs.begin(), codecs.end(), std::back_inserter(video.codecs), IsMedia);
        }
      }
      if (left.empty())
        impossible.push_back(&media);
      else
        media.set_codecs(left);
    }
    for (const auto& codec : left) kept.insert(codec.id);
  }
  for (auto* media : impossible) MakeInactive(*media, abilities, used, kept);
  return offered;
}

void RestoreCodecs(webrtc::SessionDescriptionInterface& answer, const OfferedVideo& offered) {
  for (auto& content : answer.description()->contents()) {
    const auto found = offered.codecs.find(content.mid());
    if (found == offered.codecs.end()) continue;
    cricket::MediaContentDescription& media = *content.media_description();
    const auto video = offered.undecodable.find(content.mid());
    Codecs codecs = media.codecs();
    if (video == offered.undecodable.end() || !video->second.received) {
      codecs = found->second;
    } else {
      for (auto& codec : codecs)
        for (const auto& original : found->second)
          if (IsMedia(codec) && original.id == codec.id) codec.params = original.params;
    }
    for (auto& codec : codecs) RemoveForeign(codec);
    media.set_codecs(codecs);
  }
}

std::string FormatParameters(const cricket::Codec& codec) {
  cricket::Codec own = codec;
  RemoveForeign(own);
  std::string text;
  for (const auto& [name, value] : own.params) text += (text.empty() ? "" : ";") + (name.empty() ? "" : name + "=") + value;
  return text;
}

}  // namespace sora
