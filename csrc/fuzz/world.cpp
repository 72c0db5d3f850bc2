#include "fuzz/world.h"

// What replaces OpenSSL's random numbers is deprecated, and there for this.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>
#include <sys/time.h>
#include <time.h>

#include <atomic>

#include "fuzz/fuzz.h"
#include "tests/transport/openssl_clock.h"

namespace test {

thread_local int64_t openssl_ahead_ms = 0;

}  // namespace test

namespace fuzz {
namespace {

constexpr int64_t kBegin_s = 1'700'000'000;

std::atomic<uint64_t> random_state{1};

// SplitMix64.
uint64_t Random() {
  uint64_t value = random_state += 0x9e37'79b9'7f4a'7c15;
  value = (value ^ value >> 30) * 0xbf58'476d'1ce4'e5b9;
  value = (value ^ value >> 27) * 0x94d0'49bb'1331'11eb;
  return value ^ value >> 31;
}

int Fill(unsigned char* out, int size) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<unsigned char>(Random());
  return 1;
}

}  // namespace

void BeginWorld(uint64_t seed) {
  static const RAND_METHOD method = {nullptr, Fill, nullptr, nullptr, Fill, [] { return 1; }};
  static const bool set = RAND_set_rand_method(&method) == 1;
  FUZZ_REQUIRE(set);
  test::openssl_ahead_ms = 0;
  random_state = seed;
}

void MoveClock(int64_t ms) { test::openssl_ahead_ms += ms; }

}  // namespace fuzz

// In place of the C library's, which OpenSSL asks: for its timers, and for the days of a certificate.
extern "C" int gettimeofday(timeval* now, void*) {
  now->tv_sec = static_cast<time_t>(fuzz::kBegin_s + test::openssl_ahead_ms / 1000);
  now->tv_usec = static_cast<suseconds_t>(test::openssl_ahead_ms % 1000 * 1000);
  return 0;
}
extern "C" time_t time(time_t* now) {
  if (now) *now = fuzz::kBegin_s;
  return fuzz::kBegin_s;
}
