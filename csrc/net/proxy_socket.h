// A tunnel through an HTTP proxy: CONNECT (RFC 9110, section 9.3.6) with Basic credentials (RFC 7617).
// libwebrtc's own AsyncHttpsProxySocket sends credentials only when challenged, and writes them to the log.
#ifndef SORA_NET_PROXY_SOCKET_H
#define SORA_NET_PROXY_SOCKET_H

#include <memory>
#include <string>

#include "net/handshake_socket.h"
#include "net/settings.h"

namespace sora {

class ProxySocket : public HandshakeSocket {
 public:
  // Takes ownership of transport.
  ProxySocket(rtc::Socket* transport, std::shared_ptr<const ProxySettings> proxy);

  // Connects to the proxy, and through it to address, by name where it has one.
  int Connect(const rtc::SocketAddress& address) override;
  rtc::SocketAddress GetRemoteAddress() const override { return target_; }
  int Send(const void* data, size_t size) override;
  int Recv(void* data, size_t size, int64_t* timestamp) override;

 private:
  void StartHandshake() override;
  void ContinueHandshake() override;
  void FlushHandshake() override;
  void Answered(size_t head_size);

  const std::shared_ptr<const ProxySettings> proxy_;
  rtc::SocketAddress target_;
  std::string request_;  // the part not sent yet
  std::string response_;
};

}  // namespace sora

#endif
