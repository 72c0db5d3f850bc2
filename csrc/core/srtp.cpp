#include "core/srtp.h"

#include <cstdint>

#include "pc/srtp_session.h"
#include "rtc_base/logging.h"
#include "rtc_base/ssl_stream_adapter.h"

namespace sora {

void KeepSrtp() {
  [[maybe_unused]] static const bool kept = [] {
    // Never freed. A session counts from when it has a key.
    static auto& session = *new cricket::SrtpSession();
    constexpr uint8_t kKeyAndSalt[16 + 14] = {};
    const bool started = session.SetSend(rtc::kSrtpAes128CmSha1_80, kKeyAndSalt, sizeof(kKeyAndSalt), {});
    if (!started) RTC_LOG(LS_ERROR) << "libsrtp cannot be started";
    return started;
  }();
}

}  // namespace sora
