// Non-blocking TLS over another socket. libwebrtc's own SSLAdapter always trusts its built-in roots.
#ifndef SORA_NET_TLS_SOCKET_H
#define SORA_NET_TLS_SOCKET_H

#include <string>

#include "net/handshake_socket.h"
#include "net/tls_client.h"

namespace sora {

class TlsSocket : public HandshakeSocket {
 public:
  // Takes ownership of transport.
  TlsSocket(rtc::Socket* transport, SslSession session);

  int Send(const void* data, size_t size) override;
  int Recv(void* data, size_t size, int64_t* timestamp) override;
  int Close() override;

 private:
  void StartHandshake() override { ContinueHandshake(); }
  void ContinueHandshake() override;
  void FlushHandshake() override { Flush(); }
  void OnReadable() override;
  void OnWritable() override;

  // Moves received data from the transport to OpenSSL; false when there is none now.
  bool Pull();
  // Moves data to send from OpenSSL to the transport; false while some of it is left.
  bool Flush();
  // Why the session is over, as OpenSSL reports it.
  std::string Reason() const;

  const SslSession session_;
  std::string unsent_;
};

}  // namespace sora

#endif
