#include "core/openssl.h"

#include <openssl/crypto.h>

namespace sora {
namespace {

void OnNewContext(void* context, void*, CRYPTO_EX_DATA*, int, long, void*) {
  SSL_CTX_set_mode(static_cast<SSL_CTX*>(context), SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

void ReleaseIdleBuffers() {
  // libwebrtc makes a context for each connection and lets nobody near it. OpenSSL calls whoever has data of their own there.
  [[maybe_unused]] static const int index = SSL_CTX_get_ex_new_index(0, nullptr, OnNewContext, nullptr, nullptr);
}

}  // namespace sora
