// The clock that OpenSSL's timers of DTLS go by, in tests whose time is their own.
#ifndef SORA_TESTS_TRANSPORT_OPENSSL_CLOCK_H
#define SORA_TESTS_TRANSPORT_OPENSSL_CLOCK_H

#include <cstdint>

namespace test {

// How far OpenSSL's clock is ahead of the system's on this thread, in ms.
extern thread_local int64_t openssl_ahead_ms;

}  // namespace test

#endif
