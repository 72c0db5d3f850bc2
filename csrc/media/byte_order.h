// Indices of the bytes that a vector of 512 bits gathers, computed at compile time.
#ifndef SORA_MEDIA_BYTE_ORDER_H
#define SORA_MEDIA_BYTE_ORDER_H

#include <cstdint>

namespace sora {

struct ByteOrder {
  alignas(64) uint8_t indices[64];

  // `of` gives the index for each byte.
  template <typename Of>
  consteval explicit ByteOrder(Of of) : indices() {
    for (int at = 0; at < 64; ++at) indices[at] = static_cast<uint8_t>(of(at));
  }
};

}  // namespace sora

#endif
