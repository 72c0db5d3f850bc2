// Stereo audio that is received.
#ifndef SORA_PEER_STEREO_H
#define SORA_PEER_STEREO_H

#include "pc/session_description.h"

namespace sora {

// Asks for stereo in an answer where the offer states it: libwebrtc decodes Opus to one channel unless its own answer asks
// for two (RFC 7587, section 6.1), and it never does so by itself.
void RequestStereo(const cricket::SessionDescription& offer, cricket::SessionDescription& answer);

}  // namespace sora

#endif
