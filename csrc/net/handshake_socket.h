// A socket that completes a handshake with the other side (a proxy's tunnel, TLS) before it is connected.
// Lives on libwebrtc's network thread, like all sockets of this folder.
#ifndef SORA_NET_HANDSHAKE_SOCKET_H
#define SORA_NET_HANDSHAKE_SOCKET_H

#include <string>

#include "api/task_queue/pending_task_safety_flag.h"
#include "rtc_base/async_socket.h"

namespace sora {

class HandshakeSocket : public rtc::AsyncSocketAdapter {
 public:
  // Takes ownership of transport. name: for the log.
  HandshakeSocket(rtc::Socket* transport, const char* name);

  // Connects the transport. Unless that and the handshake complete within 10 s, the socket is closed with ETIMEDOUT.
  int Connect(const rtc::SocketAddress& address) override;
  ConnState GetState() const override;
  int Close() override;

 protected:
  // The transport is connected: begins the handshake.
  virtual void StartHandshake() = 0;
  // Data of the handshake has arrived; called again when more arrives.
  virtual void ContinueHandshake() = 0;
  // The transport accepts data again.
  virtual void FlushHandshake() = 0;

  bool open() const { return phase_ == Phase::kOpen; }
  bool handshaking() const { return phase_ == Phase::kHandshake; }
  // Fails a call because nothing can be sent or received now.
  int NotOpen();

  // Each of these notifies the owner, which may delete this socket: it must be the last call of a function.
  void Opened();
  // Closes the socket; why is logged and must not contain secrets.
  void Failed(int error, const std::string& why);
  // The same, but not within a call by the owner.
  void FailLater(int error, const std::string& why);

  webrtc::ScopedTaskSafety safety_;

 private:
  enum class Phase { kIdle, kConnecting, kHandshake, kOpen, kClosed };

  void OnConnectEvent(rtc::Socket*) override;
  void OnReadEvent(rtc::Socket* socket) override;
  void OnWriteEvent(rtc::Socket* socket) override;
  void OnCloseEvent(rtc::Socket*, int error) override;
  // Lets the owner read; may delete this socket.
  virtual void OnReadable() { SignalReadEvent(this); }
  // Lets the owner write.
  virtual void OnWritable() { SignalWriteEvent(this); }

  const char* const name_;
  Phase phase_ = Phase::kIdle;
};

}  // namespace sora

#endif
