#include "client_dtls.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/srtp.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace test {
namespace {

constexpr long kMtu = 1200;

void Check(bool done, const char* text) {
  if (!done) throw std::runtime_error(text);
}

std::string Fingerprint(const X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!certificate || X509_digest(certificate, EVP_sha256(), digest, &size) != 1) return {};
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    char pair[4];
    std::snprintf(pair, sizeof pair, i ? ":%02X" : "%02X", digest[i]);
    text += pair;
  }
  return text;
}

sora::Certificate SelfSigned(EVP_PKEY* key) {
  sora::Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -24 * 60 * 60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24 * 60 * 60);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("client"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key);
  Check(X509_sign(certificate.get(), key, EVP_sha256()) > 0, "OpenSSL did not sign the certificate");
  return certificate;
}

}  // namespace

// Hands one datagram at a time to OpenSSL, and each of its own to the owner.
struct ClientBio {
  static ClientDtls& Of(BIO* bio) { return *static_cast<ClientDtls*>(BIO_get_data(bio)); }
  static int Write(BIO* bio, const char* data, int size) {
    Of(bio).send_({reinterpret_cast<const uint8_t*>(data), static_cast<size_t>(size)});
    return size;
  }
  static int Read(BIO* bio, char* data, int size) {
    BIO_clear_retry_flags(bio);
    std::span<const uint8_t>& incoming = Of(bio).incoming_;
    if (incoming.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const size_t taken = std::min(incoming.size(), static_cast<size_t>(size));
    std::memcpy(data, incoming.data(), taken);
    incoming = {};
    return static_cast<int>(taken);
  }
  static long Control(BIO*, int command, long, void*) {
    switch (command) {
      case BIO_CTRL_FLUSH: return 1;
      case BIO_CTRL_DGRAM_QUERY_MTU:
      case BIO_CTRL_DGRAM_GET_FALLBACK_MTU: return kMtu;
      default: return 0;
    }
  }
  static BIO* Make(ClientDtls* owner) {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams of a client");
      Check(made != nullptr, "OpenSSL made no BIO");
      BIO_meth_set_write(made, Write);
      BIO_meth_set_read(made, Read);
      BIO_meth_set_ctrl(made, Control);
      return made;
    }();
    BIO* const bio = BIO_new(method);
    Check(bio != nullptr, "OpenSSL made no BIO");
    BIO_set_data(bio, owner);
    BIO_set_init(bio, 1);
    return bio;
  }
};

ClientContext::ClientContext(const char* srtp_profiles) : context_(SSL_CTX_new(DTLS_client_method())) {
  const sora::PrivateKey key(EVP_EC_gen("P-256"));
  Check(context_ && key, "OpenSSL made no context or no key");
  const sora::Certificate certificate = SelfSigned(key.get());
  SSL_CTX* const context = context_.get();
  Check(SSL_CTX_use_certificate(context, certificate.get()) == 1 && SSL_CTX_use_PrivateKey(context, key.get()) == 1,
        "OpenSSL refused the certificate");
  SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // The certificate is compared with the fingerprint that signaling named.
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  Check(SSL_CTX_set_tlsext_use_srtp(context, srtp_profiles) == 0, "OpenSSL refused the SRTP profiles");
  fingerprint_ = Fingerprint(certificate.get());
}

ClientDtls::ClientDtls(const ClientContext& context, Take send, Take data)
    : ssl_(SSL_new(context.get())), send_(std::move(send)), data_(std::move(data)) {
  Check(ssl_ != nullptr, "OpenSSL made no session");
  BIO* const bio = ClientBio::Make(this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_mtu(ssl_.get(), kMtu);
  SSL_set_connect_state(ssl_.get());
}

ClientDtls::State ClientDtls::Receive(std::span<const uint8_t> datagram) {
  if (state_ == State::kClosed || state_ == State::kFailed) return state_;
  incoming_ = datagram;
  return Drive();
}

ClientDtls::State ClientDtls::Drive() {
  ERR_clear_error();
  if (state_ == State::kConnecting) {
    const int done = SSL_do_handshake(ssl_.get());
    if (done != 1) {
      const int error = SSL_get_error(ssl_.get(), done);
      incoming_ = {};
      return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? state_ : Fail("the handshake failed");
    }
    if (!ExportKeys()) return Fail("the handshake gave no keys for SRTP");
    state_ = State::kConnected;
  }
  uint8_t content[16 * 1024];
  while (state_ == State::kConnected) {
    const int size = SSL_read(ssl_.get(), content, sizeof content);
    if (size > 0) {
      data_({content, static_cast<size_t>(size)});
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), size);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) break;
    if (error != SSL_ERROR_ZERO_RETURN) {
      incoming_ = {};
      return Fail("the association ended");
    }
    state_ = State::kClosed;
  }
  incoming_ = {};
  ERR_clear_error();
  return state_;
}

// Keys of both sides, then salts of both sides, the client's first (RFC 5764, section 4.2).
bool ClientDtls::ExportKeys() {
  const SRTP_PROTECTION_PROFILE* const profile = SSL_get_selected_srtp_profile(ssl_.get());
  if (!profile) return false;
  constexpr size_t kKey = 16;
  const size_t salt = profile->id == SRTP_AEAD_AES_128_GCM ? 12 : 14;
  std::vector<uint8_t> material(2 * (kKey + salt));
  constexpr char kLabel[] = "EXTRACTOR-dtls_srtp";
  if (SSL_export_keying_material(ssl_.get(), material.data(), material.size(), kLabel, sizeof kLabel - 1, nullptr, 0, 0) !=
      1)
    return false;
  const auto keys_of = [&](size_t side) {
    const uint8_t* const key = material.data() + side * kKey;
    const uint8_t* const its_salt = material.data() + 2 * kKey + side * salt;
    std::vector<uint8_t> both(key, key + kKey);
    both.insert(both.end(), its_salt, its_salt + salt);
    return both;
  };
  profile_ = static_cast<int>(profile->id);
  local_keys_ = keys_of(0);
  remote_keys_ = keys_of(1);
  return true;
}

ClientDtls::State ClientDtls::Fail(const std::string& what) {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = code ? ERR_reason_error_string(code) : nullptr;
  reason_ = what + (reason ? std::string(": ") + reason : std::string());
  ERR_clear_error();
  return state_ = State::kFailed;
}

bool ClientDtls::Send(std::span<const uint8_t> data) {
  if (state_ != State::kConnected || data.empty()) return false;
  return SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) > 0;
}

std::optional<int64_t> ClientDtls::Timeout() const {
  timeval left{};
  if (state_ != State::kConnecting || !DTLSv1_get_timeout(ssl_.get(), &left)) return std::nullopt;
  return int64_t{left.tv_sec} * 1000 + (left.tv_usec + 999) / 1000;
}

ClientDtls::State ClientDtls::HandleTimeout() {
  if (state_ == State::kConnecting && DTLSv1_handle_timeout(ssl_.get()) < 0) return Fail("the server did not answer");
  return state_;
}

void ClientDtls::Renegotiate() {
  SSL_renegotiate(ssl_.get());
  SSL_do_handshake(ssl_.get());
  ERR_clear_error();
}

void ClientDtls::Close() {
  if (state_ != State::kConnected) return;
  SSL_shutdown(ssl_.get());
  state_ = State::kClosed;
}

std::string ClientDtls::RemoteFingerprint() const {
  const sora::Certificate certificate(SSL_get1_peer_certificate(ssl_.get()));
  return Fingerprint(certificate.get());
}

}  // namespace test
