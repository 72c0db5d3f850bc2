// What an AV1 bitstream announces before its pictures (AV1 Bitstream & Decoding Process Specification, 5.3 to 5.5).
#ifndef SORA_CODECS_INTERNAL_AV1_SEQUENCE_H
#define SORA_CODECS_INTERNAL_AV1_SEQUENCE_H

#include <cstddef>
#include <cstdint>

namespace sora {

// Whether any sequence header of a temporal unit announces larger pictures than kMaxPixels; there may be several, and padding
// and frames between them.
bool AnnouncesTooLargePictures(const uint8_t* data, size_t size);

}  // namespace sora

#endif
