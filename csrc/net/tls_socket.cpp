#include "net/tls_socket.h"

#include <openssl/err.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "api/task_queue/task_queue_base.h"

namespace sora {
namespace {

// The error queue belongs to the thread: errors left in it would be attributed to the next DTLS session.
struct ErrorQueueGuard {
  ErrorQueueGuard() { ERR_clear_error(); }
  ~ErrorQueueGuard() { ERR_clear_error(); }
};

}  // namespace

TlsSocket::TlsSocket(rtc::Socket* transport, SslSession session)
    : HandshakeSocket(transport, "TLS"), session_(std::move(session)) {}

bool TlsSocket::Pull() {
  char buffer[16 * 1024];
  const int size = AsyncSocketAdapter::Recv(buffer, sizeof(buffer), nullptr);
  return size > 0 && BIO_write(SSL_get_rbio(session_.get()), buffer, size) == size;
}

bool TlsSocket::Flush() {
  BIO* const out = SSL_get_wbio(session_.get());
  for (;;) {
    if (unsent_.empty()) {
      unsent_.resize(BIO_ctrl_pending(out));
      if (unsent_.empty()) return true;
      BIO_read(out, unsent_.data(), static_cast<int>(unsent_.size()));
    }
    const int sent = AsyncSocketAdapter::Send(unsent_.data(), unsent_.size());
    // A broken transport reports its end itself.
    if (sent <= 0) return false;
    unsent_.erase(0, static_cast<size_t>(sent));
  }
}

std::string TlsSocket::Reason() const {
  const long verified = SSL_get_verify_result(session_.get());
  if (verified != X509_V_OK && SSL_get_verify_mode(session_.get()) != SSL_VERIFY_NONE)
    return std::string("the server's certificate was refused: ") + X509_verify_cert_error_string(verified);
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason ? reason : "the session was ended";
}

void TlsSocket::ContinueHandshake() {
  const ErrorQueueGuard guard;
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(session_.get());
    const int error = SSL_get_error(session_.get(), result);
    const std::string reason = error == SSL_ERROR_NONE || error == SSL_ERROR_WANT_READ ? "" : Reason();
    Flush();  // an alert with the reason, too
    if (error == SSL_ERROR_NONE) return Opened();
    if (error != SSL_ERROR_WANT_READ) return Failed(EPROTO, reason);
    if (!Pull()) return;
  }
}

int TlsSocket::Send(const void* data, size_t size) {
  if (!open()) return NotOpen();
  if (!Flush()) {
    SetError(EWOULDBLOCK);
    return SOCKET_ERROR;
  }
  const ErrorQueueGuard guard;
  const int sent = SSL_write(session_.get(), data, static_cast<int>(std::min<size_t>(size, INT_MAX)));
  if (sent <= 0) {
    FailLater(EPROTO, Reason());
    SetError(EWOULDBLOCK);
    return SOCKET_ERROR;
  }
  Flush();
  return sent;
}

int TlsSocket::Recv(void* data, size_t size, int64_t*) {
  if (!open()) return NotOpen();
  const ErrorQueueGuard guard;
  size_t total = 0;
  // Until the buffer is full: the owner takes a short read as the end of the available data.
  while (total < size) {
    ERR_clear_error();
    const int count = SSL_read(session_.get(), static_cast<char*>(data) + total,
                               static_cast<int>(std::min<size_t>(size - total, INT_MAX)));
    if (count > 0) {
      total += static_cast<size_t>(count);
      continue;
    }
    const int error = SSL_get_error(session_.get(), count);
    if (error == SSL_ERROR_WANT_READ) {
      if (Pull()) continue;
    } else {
      FailLater(error == SSL_ERROR_ZERO_RETURN ? 0 : EPROTO, Reason());
    }
    break;
  }
  Flush();  // key updates and alerts
  if (total > 0) return static_cast<int>(total);
  SetError(EWOULDBLOCK);
  return SOCKET_ERROR;
}

void TlsSocket::OnReadable() {
  const auto alive = safety_.flag();
  SignalReadEvent(this);
  if (!alive->alive() || !open()) return;
  // The transport does not become readable again for data that is already inside OpenSSL.
  if (SSL_pending(session_.get()) > 0 || BIO_ctrl_pending(SSL_get_rbio(session_.get())) > 0)
    webrtc::TaskQueueBase::Current()->PostTask(webrtc::SafeTask(safety_.flag(), [this] {
      if (open()) OnReadable();
    }));
}

void TlsSocket::OnWritable() {
  if (Flush()) SignalWriteEvent(this);
}

int TlsSocket::Close() {
  if (open()) {
    const ErrorQueueGuard guard;
    SSL_shutdown(session_.get());
    Flush();
  }
  return HandshakeSocket::Close();
}

}  // namespace sora
