// The size limits of an offer. libwebrtc's time for one grows with the square or the cube of some of its lines.
#ifndef SORA_PEER_OFFER_LIMITS_H
#define SORA_PEER_OFFER_LIMITS_H

#include <string_view>

namespace sora {

// Throws SORA_ERROR_LIMIT with the limit that is exceeded. The limits are several times what browsers and servers write.
void CheckOfferSize(std::string_view sdp);

}  // namespace sora

#endif
