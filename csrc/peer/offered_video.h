// Video that is offered in codecs which nothing here can handle.
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

// What is encoded and decoded here, and what is received without being decoded.
struct VideoAbilities {
  VideoFormats encoded, decoded, undecodable;
};

struct UndecodableVideo {
  std::string stream_id;
  std::vector<cricket::Codec> codecs;  // without retransmissions and the like
  bool received = true;                // its frames can be taken out of RTP, so that there is a track
};

// What the video of an offer was before AdaptVideo, by mid.
struct OfferedVideo {
  std::set<std::string> unsent;  // to be sent, in codecs that nothing encodes
  std::map<std::string, UndecodableVideo> undecodable;
  std::map<std::string, std::vector<cricket::Codec>> codecs;  // where others were put in their place
};

// Makes libwebrtc answer the whole offer, where it would refuse to, or reject the media description that a BUNDLE group rests on:
// takes codecs out that cannot be handled, puts undecodable ones in where nothing is left, and makes what is still impossible
// inactive.
OfferedVideo AdaptVideo(webrtc::SessionDescriptionInterface& offer, const VideoAbilities& abilities);

// Has an answer name the codecs that were offered (RFC 3264, section 6.1), not those that were put in their place.
void RestoreCodecs(webrtc::SessionDescriptionInterface& answer, const OfferedVideo& offered);

// A codec's format parameters as in SDP, without what is not part of the codec.
std::string FormatParameters(const cricket::Codec& codec);

}  // namespace sora

#endif
