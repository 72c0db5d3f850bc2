// What a machine sees of the world beside its input: time and random numbers, the same in every run.
#ifndef SORA_FUZZ_WORLD_H
#define SORA_FUZZ_WORLD_H

#include <cstdint>

namespace fuzz {

// Sets the clock and the random numbers back to their beginning.
void BeginWorld(uint64_t seed = 1);

// Moves OpenSSL's clock, which its timers of DTLS read.
void MoveClock(int64_t ms);

}  // namespace fuzz

#endif
