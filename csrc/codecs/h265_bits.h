// Reads the syntax elements of H.265's parameter sets (ITU-T H.265, 7.3.2 and 9.2), each with the largest value that it may have.
#ifndef SORA_CODECS_H265_BITS_H
#define SORA_CODECS_H265_BITS_H

#include <cstddef>
#include <cstdint>

#include "common_video/h265/legacy_bit_buffer.h"

namespace sora {

// After the first element that is not there, or too large, all others are 0.
class H265Bits {
 public:
  explicit H265Bits(rtc::BitBuffer& buffer) : buffer_(buffer) {}

  bool ok() const { return ok_; }
  // u(1)
  bool Flag() { return Fixed(1) != 0; }
  // u(n)
  uint32_t Fixed(size_t bits) {
    uint32_t value = 0;
    ok_ = ok_ && buffer_.ReadBits(&value, bits);
    return ok_ ? value : 0;
  }
  // ue(v)
  uint32_t Unsigned(uint32_t most) {
    uint32_t value = 0;
    ok_ = ok_ && buffer_.ReadExponentialGolomb(&value) && value <= most;
    return ok_ ? value : 0;
  }
  // se(v)
  int32_t Signed(int32_t least, int32_t most) {
    int32_t value = 0;
    ok_ = ok_ && buffer_.ReadSignedExponentialGolomb(&value) && value >= least && value <= most;
    return ok_ ? value : 0;
  }
  void Skip(size_t bits) { ok_ = ok_ && buffer_.ConsumeBits(bits); }

 private:
  rtc::BitBuffer& buffer_;
  bool ok_ = true;
};

}  // namespace sora

#endif
