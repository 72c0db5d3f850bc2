// Video that is offered in codecs that no engine handles.
#ifndef SORA_PEER_OFFERED_VIDEO_H
#define SORA_PEER_OFFERED_VIDEO_H

#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/jsep.h"
#include "codecs/undecodable_formats.h"
#include "media/base/codec.h"

namespace sora {

struct UndecodableVideo {
  std::string stream_id;
  std::vector<cricket::Codec> codecs;  // without retransmission and error correction
  bool received = true;                // libwebrtc can depacketize it, so there is a track
};

// What the video of an offer was before AdaptVideo, by mid.
struct OfferedVideo {
  std::set<std::string> unsent;  // to be sent, in codecs that no engine encodes
  std::map<std::string, UndecodableVideo> undecodable;
  std::map<std::string, std::vector<cricket::Codec>> codecs;  // where others replaced them
};

// Makes libwebrtc answer the whole offer, where it would refuse to, or reject the media description that a BUNDLE group depends
// on: removes codecs that no engine handles, substitutes undecodable ones where none is left, and makes media descriptions
// inactive that are still impossible.
OfferedVideo AdaptVideo(webrtc::SessionDescriptionInterface& offer, const VideoAbilities& abilities);

// Makes an answer name the codecs that were offered (RFC 3264, section 6.1), not those that replaced them.
void RestoreCodecs(webrtc::SessionDescriptionInterface& answer, const OfferedVideo& offered);

// The format parameters of a codec as in SDP, without those that are not about the codec.
std::string FormatParameters(const cricket::Codec& codec);

}  // namespace sora

#endif
