// The clocks of the load.
#ifndef SORA_BENCH_LOAD_CLOCK_H
#define SORA_BENCH_LOAD_CLOCK_H

#include <time.h>

#include <cstdint>

namespace load {

inline int64_t Nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Of CLOCK_MONOTONIC, which all processes of a machine share.
inline int64_t Now() { return Nanoseconds(CLOCK_MONOTONIC); }

// Processor time of this process.
inline int64_t CpuTime() { return Nanoseconds(CLOCK_PROCESS_CPUTIME_ID); }

constexpr int64_t kMillisecond = 1'000'000;

}  // namespace load

#endif
