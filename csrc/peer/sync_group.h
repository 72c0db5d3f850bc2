// The groups of received media that libwebrtc synchronises: audio and video of one stream id.
#ifndef SORA_PEER_SYNC_GROUP_H
#define SORA_PEER_SYNC_GROUP_H

#include <map>
#include <string>

#include "api/jsep.h"

namespace sora {

// Removes the video of a remote offer from every group, or else libwebrtc delays it until its audio is played, by up to hundreds
// of milliseconds. Without a stream id there is no group; returns the offered ids by mid.
std::map<std::string, std::string> LeaveSyncGroups(webrtc::SessionDescriptionInterface& offer);

}  // namespace sora

#endif
