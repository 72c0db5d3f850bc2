// Video that is offered in codecs which nothing here decodes.
#ifndef SORA_PEER_UNDECODABLE_H
#define SORA_PEER_UNDECODABLE_H

#include "api/jsep.h"
#include "api/rtp_parameters.h"

namespace sora {

// Takes it out of an offer, leaving its media descriptions inactive: the rest of the connection goes on without it. libwebrtc
// would refuse to answer, or crash when it has no decoder at all. Video to send that nothing here encodes is rejected.
void LeaveOutUndecodable(webrtc::SessionDescriptionInterface& offer, const webrtc::RtpCapabilities& decodable,
                         const webrtc::RtpCapabilities& encodable);

}  // namespace sora

#endif
