// Owners of OpenSSL's objects.
#ifndef SORA_CORE_OPENSSL_H
#define SORA_CORE_OPENSSL_H

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace sora {

template <auto Free>
struct OpensslDeleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using SslSession = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;
using SslContext = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>>;
using Bio = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;

// Contexts that are made from now on, by libwebrtc too, hold the buffer for a record that is sent (17 kB) only while there is one; of
// media nothing passes it. That for reading stays, which OpenSSL makes for each attempt to read datagrams.
void ReleaseIdleBuffers();

}  // namespace sora

#endif
