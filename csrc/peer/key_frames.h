// Frames that receivers need so that video begins, or goes on, at once.
#ifndef SORA_PEER_KEY_FRAMES_H
#define SORA_PEER_KEY_FRAMES_H

#include "api/peer_connection_interface.h"

namespace sora {

// Has each video source send its last frame again, unless a new one follows anyway.
void RequestRefreshFrames(webrtc::PeerConnectionInterface& connection);

// Makes and requests key frames for all video, sent and received. What was sent between the loss of one route and the next is
// too old to be sent again: without key frames, receivers would wait for it for three seconds.
void RequestKeyFrames(webrtc::PeerConnectionInterface& connection);

}  // namespace sora

#endif
