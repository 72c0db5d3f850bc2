// The largest frame that is decoded: a few bytes may announce frames of gigabytes.
#ifndef SORA_CODECS_FRAME_LIMIT_H
#define SORA_CODECS_FRAME_LIMIT_H

#include <cstdint>

namespace sora {

// The largest frame of the highest levels of AV1 (6.3) and VP9 (6.2): 8192x4352.
constexpr uint32_t kMaxPixels = 35'651'584;

}  // namespace sora

#endif
