// libsrtp, which libwebrtc starts.
#ifndef SORA_CORE_SRTP_H
#define SORA_CORE_SRTP_H

namespace sora {

// Starts libsrtp if it is not, and keeps it until the process ends. libwebrtc starts it with the first session and ends it with the
// last one, so that each connection that is alone would start it again: it tests every cipher with random data, for a millisecond.
void KeepSrtp();

}  // namespace sora

#endif
