// libsrtp is started once: when it starts it tests its ciphers, with random numbers of the C library's.
#include "core/srtp.h"

#include <dlfcn.h>

#include <atomic>
#include <cstdint>

#include "../harness/harness.h"
#include "pc/srtp_session.h"
#include "rtc_base/ssl_stream_adapter.h"

namespace {

std::atomic<int> random_numbers{0};

// How many of them a connection's sessions take, from the first to the last.
int TakenBySessions() {
  const int before = random_numbers;
  constexpr uint8_t kKeyAndSalt[30] = {7};
  cricket::SrtpSession send, receive;
  REQUIRE(send.SetSend(rtc::kSrtpAes128CmSha1_80, kKeyAndSalt, sizeof(kKeyAndSalt), {}));
  REQUIRE(receive.SetRecv(rtc::kSrtpAes128CmSha1_80, kKeyAndSalt, sizeof(kKeyAndSalt), {}));
  return random_numbers - before;
}

}  // namespace

extern "C" int rand() noexcept {
  static const auto real = reinterpret_cast<int (*)()>(dlsym(RTLD_NEXT, "rand"));
  ++random_numbers;
  return real();
}

TEST(srtp_is_started_once_and_not_by_each_connection) {
  sora::KeepSrtp();
  REQUIRE(random_numbers > 1000);
  const int before = random_numbers;
  for (int connection = 0; connection < 3; ++connection) REQUIRE_EQ(TakenBySessions(), 0);
  sora::KeepSrtp();
  REQUIRE_EQ(random_numbers.load(), before);
}
