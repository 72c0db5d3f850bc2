#include "net/proxy_socket.h"

#include <algorithm>
#include <cerrno>

#include "absl/strings/escaping.h"

namespace sora {
namespace {

constexpr size_t kMaxResponse = 16 * 1024;

// The target comes from the signaling server, which must not be able to write headers.
bool IsHost(const std::string& host) {
  return !host.empty() && host.size() <= 255 &&
         std::all_of(host.begin(), host.end(), [](unsigned char c) { return c > ' ' && c < 0x7f && c != '/'; });
}

std::string Connect(const ProxySettings& proxy, const std::string& target) {
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  // Without a challenge, as for the signaling WebSocket: not every proxy keeps the connection open after a 407.
  request += "Proxy-Authorization: Basic " + absl::Base64Escape(proxy.username + ":" + proxy.password) + "\r\n";
  if (!proxy.agent.empty()) request += "User-Agent: " + proxy.agent + "\r\n";
  return request + "\r\n";
}

// The status code of "HTTP/1.x NNN ...", or 0.
int Status(const std::string& response) {
  const auto digit = [&](size_t i) { return response[i] >= '0' && response[i] <= '9' ? response[i] - '0' : -1; };
  if (response.size() < 13 || response.compare(0, 7, "HTTP/1.") != 0 || response[8] != ' ') return 0;
  if (digit(9) < 0 || digit(10) < 0 || digit(11) < 0 || digit(12) >= 0) return 0;
  return digit(9) * 100 + digit(10) * 10 + digit(11);
}

}  // namespace

ProxySocket::ProxySocket(rtc::Socket* transport, std::shared_ptr<const ProxySettings> proxy)
    : HandshakeSocket(transport, "HTTP proxy"), proxy_(std::move(proxy)) {}

int ProxySocket::Connect(const rtc::SocketAddress& address) {
  target_ = address;
  if (!IsHost(address.HostAsURIString())) {
    SetError(EINVAL);
    return SOCKET_ERROR;
  }
  return HandshakeSocket::Connect(proxy_->address);
}

int ProxySocket::Send(const void* data, size_t size) { return open() ? AsyncSocketAdapter::Send(data, size) : NotOpen(); }

int ProxySocket::Recv(void* data, size_t size, int64_t* timestamp) {
  return open() ? AsyncSocketAdapter::Recv(data, size, timestamp) : NotOpen();
}

void ProxySocket::StartHandshake() {
  request_ = sora::Connect(*proxy_, target_.HostAsURIString() + ":" + std::to_string(target_.port()));
  FlushHandshake();
}

void ProxySocket::FlushHandshake() {
  while (!request_.empty()) {
    const int sent = AsyncSocketAdapter::Send(request_.data(), request_.size());
    if (sent <= 0) {
      if (!IsBlocking()) Failed(GetError(), "the request could not be sent");
      return;
    }
    request_.erase(0, static_cast<size_t>(sent));
  }
}

void ProxySocket::ContinueHandshake() {
  char buffer[2048];
  for (;;) {
    const int size = AsyncSocketAdapter::Recv(buffer, sizeof(buffer), nullptr);
    if (size <= 0) return;
    response_.append(buffer, static_cast<size_t>(size));
    const size_t end = response_.find("\r\n\r\n");
    if (end != std::string::npos) return Answered(end + 4);
    if (response_.size() > kMaxResponse) return Failed(EPROTO, "the proxy's answer is too long");
  }
}

void ProxySocket::Answered(size_t head_size) {
  const int status = Status(response_);
  if (status < 200 || status > 299)
    return Failed(status == 407 ? EACCES : ECONNREFUSED,
                  "the proxy refused the tunnel with status " + std::to_string(status));
  // In TURN and in TLS the client speaks first.
  if (response_.size() != head_size) return Failed(EPROTO, "data arrived before anything was sent through the tunnel");
  response_.clear();
  Opened();
}

}  // namespace sora
