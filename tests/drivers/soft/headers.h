// What the head of a coded frame says: whether one can begin decoding there, and the size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "soft/codec.h"

namespace standin {

struct Header {
  // There are parameter sets, a sequence header or the header of a key frame.
  bool sequence = false;
  int width = 0, height = 0;
  // The size before it is cropped.
  int coded_width = 0, coded_height = 0;
  // profile_idc and level_idc of H.264 and H.265.
  int profile = 0, level = 0;
};

Header ReadHeader(Codec codec, const uint8_t* data, size_t size);

// Takes out parameter sets, as drivers leave them out where nobody asked for them.
std::vector<uint8_t> WithoutParameterSets(Codec codec, const std::vector<uint8_t>& bytes);

}  // namespace standin
