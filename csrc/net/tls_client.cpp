#include "net/tls_client.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <climits>
#include <cstdlib>

#include "core/result.h"
#include "os/certificates.h"
#include "os/sockets.h"

namespace sora {
namespace {

using Bio = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;

[[noreturn]] void Refuse(const char* path, const char* expected) {
  ERR_clear_error();
  throw Error(SORA_ERROR_INVALID_ARGUMENT, std::string(path) + " must be " + expected);
}

Bio View(const std::string& pem) {
  if (pem.size() > INT_MAX) return nullptr;
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Otherwise OpenSSL prompts on the terminal for the passphrase of an encrypted key.
int NoPassphrase(char*, int, int, void*) { return -1; }

// Reads the next certificate; null at the end of the text. Anything else is refused.
Certificate NextCertificate(BIO* bio, const char* path) {
  ERR_clear_error();
  Certificate certificate(PEM_read_bio_X509(bio, nullptr, NoPassphrase, nullptr));
  if (!certificate && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
    Refuse(path, "PEM of one or more certificates");
  ERR_clear_error();
  return certificate;
}

void Trust(SSL_CTX* context, const std::string& pem) {
  constexpr char kPath[] = "tls.caCert";
  const Bio bio = View(pem);
  int count = 0;
  while (const Certificate certificate = NextCertificate(bio.get(), kPath)) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
    ++count;
  }
  if (!count) Refuse(kPath, "PEM of one or more certificates");
}

void Identify(SSL_CTX* context, const std::string& cert_pem, const std::string& key_pem) {
  constexpr char kCert[] = "tls.clientCert";
  constexpr char kKey[] = "tls.clientKey";
  const Bio bio = View(cert_pem);
  const Certificate leaf = NextCertificate(bio.get(), kCert);
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) Refuse(kCert, "PEM of one or more certificates");
  while (const Certificate issuer = NextCertificate(bio.get(), kCert)) SSL_CTX_add1_chain_cert(context, issuer.get());

  const PrivateKey key(PEM_read_bio_PrivateKey(View(key_pem).get(), nullptr, NoPassphrase, nullptr));
  if (!key) Refuse(kKey, "PEM of a private key without a passphrase");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) Refuse(kKey, "the private key of tls.clientCert");
  ERR_clear_error();
}

// The system's roots, read once and kept until the process ends.
X509_STORE* SystemRoots() {
  static X509_STORE* const roots = [] {
    X509_STORE* store = X509_STORE_new();
    X509_STORE_set_default_paths(store);  // these follow SSL_CERT_FILE and SSL_CERT_DIR
    if (!getenv("SSL_CERT_FILE") && !getenv("SSL_CERT_DIR")) {
      for (const char* bundle : CertificateBundles())
        if (X509_STORE_load_locations(store, bundle, nullptr) == 1) break;
    }
    ERR_clear_error();
    return store;
  }();
  return roots;
}

bool IsIpAddress(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1;
}

}  // namespace

TlsClient::TlsClient(const TlsOptions& options) : insecure_(options.insecure), own_roots_(options.ca_cert.has_value()) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!context_) throw Error(SORA_ERROR_INTERNAL, "OpenSSL made no TLS context");
  SSL_CTX* const context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, insecure_ ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  if (options.ca_cert) Trust(context, *options.ca_cert);
  if (options.client_cert.has_value() != options.client_key.has_value())
    Refuse(options.client_cert ? "tls.clientKey" : "tls.clientCert", "given as well");
  if (options.client_cert) Identify(context, *options.client_cert, *options.client_key);
}

void TlsClient::Prepare() const {
  if (needs_system_roots()) SystemRoots();
}

SslSession TlsClient::NewSession(const std::string& host) const {
  SslSession session = MakeSession(host);
  // Errors left in the thread's queue would be attributed to the next DTLS session.
  ERR_clear_error();
  return session;
}

SslSession TlsClient::MakeSession(const std::string& host) const {
  SslSession session(SSL_new(context_.get()));
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  if (!session || !in || !out) {
    BIO_free(in);
    BIO_free(out);
    return nullptr;
  }
  SSL_set_bio(session.get(), in, out);
  SSL_set_connect_state(session.get());
  if (needs_system_roots()) SSL_set1_verify_cert_store(session.get(), SystemRoots());
  const bool is_address = IsIpAddress(host);
  if (!insecure_) {
    X509_VERIFY_PARAM* const parameters = SSL_get0_param(session.get());
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if ((is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                    : X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size())) != 1 ||
        host.empty())
      return nullptr;
  }
  // A server name must not be an address (RFC 6066, section 3).
  if (!is_address && !host.empty() && SSL_set_tlsext_host_name(session.get(), host.c_str()) != 1) return nullptr;
  return session;
}

}  // namespace sora
