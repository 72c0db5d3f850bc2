// OpenSSL's contexts of others.
#include "core/openssl.h"

#include "../harness/harness.h"

TEST(openssl_contexts_of_others_hold_no_idle_buffers) {
  sora::ReleaseIdleBuffers();
  sora::ReleaseIdleBuffers();
  const sora::SslContext context(SSL_CTX_new(DTLS_method()));
  REQUIRE(context);
  REQUIRE(SSL_CTX_get_mode(context.get()) & SSL_MODE_RELEASE_BUFFERS);
  const sora::SslSession session(SSL_new(context.get()));
  REQUIRE(session);
  REQUIRE(SSL_get_mode(session.get()) & SSL_MODE_RELEASE_BUFFERS);
}
