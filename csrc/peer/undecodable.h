// Video that is offered in codecs which nothing here can handle.
#ifndef SORA_PEER_UNDECODABLE_H
#define SORA_PEER_UNDECODABLE_H

#include <set>
#include <string>

#include "api/jsep.h"
#include "api/rtp_parameters.h"

namespace sora {

// Takes it out of an offer, leaving its media descriptions inactive: the rest of the connection goes on without it. libwebrtc
// would refuse to answer, crash when it has no decoder at all, or reject the one that a BUNDLE group rests on. Returns the mids
// of what was to be sent.
std::set<std::string> LeaveOutImpossible(webrtc::SessionDescriptionInterface& offer,
                                         const webrtc::RtpCapabilities& decodable, const webrtc::RtpCapabilities& encodable);

}  // namespace sora

#endif
