#include "openssl_clock.h"

#include <sys/time.h>
#include <time.h>

namespace test {

thread_local int64_t openssl_ahead_ms = 0;

}  // namespace test

// OpenSSL has no hook for its clock; in a program of tests this stands in for the C library's.
extern "C" int gettimeofday(timeval* now, void*) {
  timespec system{};
  clock_gettime(CLOCK_REALTIME, &system);
  const int64_t us = int64_t{system.tv_sec} * 1'000'000 + system.tv_nsec / 1000 + test::openssl_ahead_ms * 1000;
  now->tv_sec = static_cast<time_t>(us / 1'000'000);
  now->tv_usec = static_cast<suseconds_t>(us % 1'000'000);
  return 0;
}
