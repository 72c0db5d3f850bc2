// The groups in which libwebrtc plays received media in time: audio and video of one stream id.
#ifndef SORA_PEER_SYNC_GROUP_H
#define SORA_PEER_SYNC_GROUP_H

#include <map>
#include <string>

#include "api/jsep.h"

namespace sora {

// Takes the video of a remote offer out of every group, or libwebrtc delays it until its audio is heard, which may be hundreds of
// milliseconds. Without a stream id there is no group; returns the ids that were offered, by mid, for whoever asks.
std::map<std::string, std::string> LeaveSyncGroups(webrtc::SessionDescriptionInterface& offer);

}  // namespace sora

#endif
