// How large a picture a peer may send: a few bytes may announce pictures of gigabytes.
#ifndef SORA_CODECS_INTERNAL_PICTURE_LIMIT_H
#define SORA_CODECS_INTERNAL_PICTURE_LIMIT_H

#include <cstdint>

namespace sora {

// The largest picture of the highest levels of AV1 (6.3) and VP9 (6.2): 8192x4352.
constexpr uint32_t kMaxPixels = 35'651'584;

}  // namespace sora

#endif
