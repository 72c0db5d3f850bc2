// Checks of the arguments of C functions.
#ifndef SORA_API_ARGUMENTS_H
#define SORA_API_ARGUMENTS_H

#include <cstdint>
#include <string>

#include "core/result.h"

namespace sora {

// Throws SORA_ERROR_INVALID_ARGUMENT with the argument's name and value.
[[noreturn]] inline void Refuse(const char* name, const std::string& requirement, uint64_t value) {
  throw Error(SORA_ERROR_INVALID_ARGUMENT, std::string(name) + " must be " + requirement + ", not " + std::to_string(value));
}

inline void RequireRange(const char* name, uint64_t value, uint64_t low, uint64_t high) {
  if (value < low || value > high) Refuse(name, "from " + std::to_string(low) + " to " + std::to_string(high), value);
}

inline void RequireFlag(const char* name, uint32_t value) {
  if (value > 1) Refuse(name, "0 or 1", value);
}

// Rates whose slices (10 to 40 ms) are whole frames.
inline void RequireInputRate(uint32_t sample_rate) {
  if (sample_rate < 8'000 || sample_rate > 192'000 || sample_rate % 25 != 0)
    Refuse("sample_rate", "from 8000 to 192000 Hz and a multiple of 25", sample_rate);
}

}  // namespace sora

#endif
