// The sequence headers of an AV1 bitstream (AV1 Bitstream & Decoding Process Specification, 5.3 to 5.5).
#ifndef SORA_CODECS_INTERNAL_AV1_SEQUENCE_H
#define SORA_CODECS_INTERNAL_AV1_SEQUENCE_H

#include <cstddef>
#include <cstdint>

namespace sora {

// Whether any sequence header of a temporal unit announces frames larger than kMaxPixels. There may be several headers, with
// padding and frames between them.
bool AnnouncesTooLargeFrames(const uint8_t* data, size_t size);

}  // namespace sora

#endif
