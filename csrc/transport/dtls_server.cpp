#include "transport/dtls_server.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>

#include "core/result.h"

namespace sora {
namespace {

// Bytes of records in one datagram of ours, which leaves room for headers and for tunnels.
constexpr size_t kMtu = 1200;

// What a peer may send before it is connected, retransmissions included.
constexpr size_t kMaxHandshake = 128 * 1024;

// A certificate chain that is larger is refused (OpenSSL's default is 100 kB).
constexpr long kMaxCertificates = 16 * 1024;

void Check(bool done, const char* text) {
  if (done) return;
  ERR_clear_error();
  throw Error(SORA_ERROR_INTERNAL, text);
}

Certificate SelfSigned(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  Check(certificate != nullptr, "OpenSSL made no certificate");
  uint64_t serial = 0;
  Check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "OpenSSL gave no random numbers");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  constexpr long kDay = 24 * 60 * 60;
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 365 * kDay);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("WebRTC"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key);
  Check(X509_sign(certificate.get(), key, EVP_sha256()) > 0, "OpenSSL did not sign the certificate");
  return certificate;
}

// As SDP writes it (RFC 8122, section 5).
std::string Fingerprint(const X509* certificate, const EVP_MD* algorithm) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!algorithm || X509_digest(certificate, algorithm, digest, &size) != 1) return {};
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    if (i) text += ':';
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

// The certificate is compared with the answer's fingerprint, so none is refused here.
int AcceptAny(int, X509_STORE_CTX*) { return 1; }

// How long to wait for an answer to a flight, in milliseconds: OpenSSL begins with a second and ends with a minute, which would
// show as a slow connection whenever a datagram is lost.
constexpr unsigned kFirstFlightMs = 200;

#ifdef OPENSSL_IS_BORINGSSL
// It doubles the first one, up to a minute.
void LimitFlights(SSL* ssl) { DTLSv1_set_initial_timeout_duration(ssl, kFirstFlightMs); }
#else
unsigned FlightTimeout(SSL*, unsigned last_us) {
  constexpr unsigned kFirst = kFirstFlightMs * 1000, kLongest = 3'000'000;
  return last_us == 0 ? kFirst : std::min(2 * last_us, kLongest);
}

void LimitFlights(SSL* ssl) { DTLS_set_timer_cb(ssl, FlightTimeout); }
#endif

// As OpenSSL and BoringSSL both make one; null when they do not.
PrivateKey NewKey() {
  const std::unique_ptr<EVP_PKEY_CTX, OpensslDeleter<EVP_PKEY_CTX_free>> context(EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), NID_X9_62_prime256v1) != 1 ||
      EVP_PKEY_keygen(context.get(), &key) != 1)
    return nullptr;
  return PrivateKey(key);
}

// What OpenSSL says of its last failure, for people.
std::string LastError() {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = code ? ERR_reason_error_string(code) : nullptr;
  std::string text = reason ? reason : "no reason given";
  ERR_clear_error();
  return text;
}

}  // namespace

// Hands one datagram at a time to OpenSSL, and its records to the owner.
struct DatagramBio {
  static int Write(BIO* bio, const char* data, int size) {
    auto* const self = static_cast<DtlsServer*>(BIO_get_data(bio));
    self->Write({reinterpret_cast<const uint8_t*>(data), static_cast<size_t>(size)});
    return size;
  }
  static int Read(BIO* bio, char* data, int size) {
    auto* const self = static_cast<DtlsServer*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (self->incoming_.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const size_t taken = std::min(self->incoming_.size(), static_cast<size_t>(size));
    std::memcpy(data, self->incoming_.data(), taken);
    self->incoming_ = {};  // the rest of a datagram is lost, as with a socket
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
  static BIO* Make(DtlsServer* owner) {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
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

DtlsContext::DtlsContext() : context_(SSL_CTX_new(DTLS_server_method())) {
  Check(context_ != nullptr, "OpenSSL made no DTLS context");
  SSL_CTX* const context = context_.get();
  const PrivateKey key = NewKey();
  Check(key != nullptr, "OpenSSL made no key");
  const Certificate certificate = SelfSigned(key.get());
  Check(SSL_CTX_use_certificate(context, certificate.get()) == 1 && SSL_CTX_use_PrivateKey(context, key.get()) == 1,
        "OpenSSL refused the certificate");
  SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU | SSL_OP_SINGLE_ECDH_USE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, AcceptAny);
  SSL_CTX_set_max_cert_list(context, kMaxCertificates);
  Check(SSL_CTX_set_cipher_list(context,
                                "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
                                "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA") == 1,
        "OpenSSL refused the ciphers");
  // 0 is success here. Preferred first.
  Check(SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") == 0,
        "OpenSSL refused the SRTP profiles");
  fingerprint_ = Fingerprint(certificate.get(), EVP_sha256());
}

DtlsServer::DtlsServer(const DtlsContext& context, SendDatagram send, TakeData data)
    : ssl_(SSL_new(context.get())), send_(std::move(send)), data_(std::move(data)) {
  Check(ssl_ != nullptr, "OpenSSL made no DTLS session");
  BIO* const bio = DatagramBio::Make(this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_mtu(ssl_.get(), kMtu);
  LimitFlights(ssl_.get());
  outgoing_.reserve(kMtu);
  SSL_set_accept_state(ssl_.get());
}

DtlsServer::~DtlsServer() = default;

bool DtlsServer::Exhausted(size_t bytes) {
  if (state_ != State::kConnecting) return false;
  handshake_bytes_ += bytes;
  return handshake_bytes_ > kMaxHandshake;
}

void DtlsServer::Write(std::span<const uint8_t> records) {
  if (outgoing_.size() + records.size() > kMtu) Flush();
  outgoing_.insert(outgoing_.end(), records.begin(), records.end());
}

void DtlsServer::Flush() {
  if (outgoing_.empty()) return;
  send_(outgoing_);
  outgoing_.clear();
}

DtlsServer::State DtlsServer::Receive(std::span<const uint8_t> datagram) {
  if (state_ == State::kClosed || state_ == State::kFailed) return state_;
  if (Exhausted(datagram.size())) {
    ++dropped_;
    return state_;
  }
  incoming_ = datagram;
  Drive();
  Flush();
  return state_;
}

DtlsServer::State DtlsServer::Drive() {
  ERR_clear_error();
  if (state_ == State::kConnecting) {
    const int done = SSL_do_handshake(ssl_.get());
    if (done != 1) {
      const int error = SSL_get_error(ssl_.get(), done);
      incoming_ = {};
      if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return state_;
      return Fail("The DTLS handshake failed: " + LastError());
    }
    const SRTP_PROTECTION_PROFILE* const profile = SSL_get_selected_srtp_profile(ssl_.get());
    if (!profile) return Fail("The DTLS client offers no SRTP profile of this server");
    // Keys of both sides, then salts of both sides, the client's first (RFC 5764, section 4.2).
    const size_t key = 16;
    const size_t salt = profile->id == SRTP_AEAD_AES_128_GCM ? 12 : 14;
    std::vector<uint8_t> material(2 * (key + salt));
    constexpr char kLabel[] = "EXTRACTOR-dtls_srtp";
    if (SSL_export_keying_material(ssl_.get(), material.data(), material.size(), kLabel, sizeof kLabel - 1, nullptr, 0, 0) !=
        1)
      return Fail("The DTLS session gave no keys: " + LastError());
    const auto at = material.begin();
    const auto part = [&](size_t side) {
      std::vector<uint8_t> both(at + side * key, at + (side + 1) * key);
      both.insert(both.end(), at + 2 * key + side * salt, at + 2 * key + (side + 1) * salt);
      return both;
    };
    keys_ = {static_cast<int>(profile->id), part(1), part(0)};
    OPENSSL_cleanse(material.data(), material.size());
    state_ = State::kConnected;
  }
  // Larger than any record's content (RFC 6347, section 4.1).
  uint8_t content[16 * 1024];
  for (;;) {
    const int size = SSL_read(ssl_.get(), content, sizeof content);
    if (size > 0) {
      data_({content, static_cast<size_t>(size)});
      if (state_ != State::kConnected) return state_;  // closed by its owner
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), size);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) break;
    incoming_ = {};
    if (error == SSL_ERROR_ZERO_RETURN) {
      ERR_clear_error();
      return state_ = State::kClosed;
    }
    return Fail("The DTLS association ended: " + LastError());
  }
  incoming_ = {};
  // OpenSSL declines with a warning, but reads nothing but handshake messages from then on.
  if (SSL_in_init(ssl_.get())) return Fail("The DTLS client asked for renegotiation");
  return state_;
}

DtlsServer::State DtlsServer::Fail(std::string reason) {
  reason_ = std::move(reason);
  return state_ = State::kFailed;
}

bool DtlsServer::Send(std::span<const uint8_t> data) {
  if (state_ != State::kConnected || data.empty()) return false;
  ERR_clear_error();
  const bool sent = SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) > 0;
  ERR_clear_error();
  Flush();
  return sent;
}

std::optional<int64_t> DtlsServer::Timeout() const {
  timeval left{};
  if (state_ != State::kConnecting || !DTLSv1_get_timeout(ssl_.get(), &left)) return std::nullopt;
  return int64_t{left.tv_sec} * 1000 + (left.tv_usec + 999) / 1000;
}

DtlsServer::State DtlsServer::HandleTimeout() {
  if (state_ != State::kConnecting) return state_;
  ERR_clear_error();
  const int handled = DTLSv1_handle_timeout(ssl_.get());
  Flush();
  if (handled < 0) return Fail("The DTLS client did not answer: " + LastError());
  return state_;
}

void DtlsServer::Close() {
  if (state_ == State::kConnected) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    Flush();
  }
  if (state_ != State::kFailed) state_ = State::kClosed;
}

std::string DtlsServer::RemoteFingerprint(const std::string& algorithm) const {
  const Certificate certificate(SSL_get_peer_certificate(ssl_.get()));
  if (!certificate) return {};
  // RFC 8122, section 5, less those that are broken.
  const EVP_MD* digest = nullptr;
  if (algorithm == "sha-256") digest = EVP_sha256();
  if (algorithm == "sha-384") digest = EVP_sha384();
  if (algorithm == "sha-512") digest = EVP_sha512();
  return Fingerprint(certificate.get(), digest);
}

}  // namespace sora
