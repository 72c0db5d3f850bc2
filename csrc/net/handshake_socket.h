// A socket that first settles something with the other side (a proxy's tunnel, TLS) and only then is connected.
// Lives on libwebrtc's network thread, as all sockets of this folder.
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

  // Connects the transport. When that and the handshake are not done within 10 s, the socket is closed with ETIMEDOUT.
  int Connect(const rtc::SocketAddress& address) override;
  ConnState GetState() const override;
  int Close() override;

 protected:
  // The transport is connected: time to begin.
  virtual void StartHandshake() = 0;
  // Something came that belongs to the handshake; called again after more has come.
  virtual void ContinueHandshake() = 0;
  // The transport takes data again.
  virtual void FlushHandshake() = 0;

  bool open() const { return phase_ == Phase::kOpen; }
  bool handshaking() const { return phase_ == Phase::kHandshake; }
  // Why nothing can be sent or received now.
  int NotOpen();

  // Each of these tells the owner, who may delete this socket: it must be the last thing that a function does.
  void Opened();
  // Closes; why goes to the log and must not contain secrets.
  void Failed(int error, const std::string& why);
  // The same, but not from inside a call of the owner's.
  void FailLater(int error, const std::string& why);

  webrtc::ScopedTaskSafety safety_;

 private:
  enum class Phase { kIdle, kConnecting, kHandshake, kOpen, kClosed };

  void OnConnectEvent(rtc::Socket*) override;
  void OnReadEvent(rtc::Socket* socket) override;
  void OnWriteEvent(rtc::Socket* socket) override;
  void OnCloseEvent(rtc::Socket*, int error) override;
  // The owner's turn to read; may delete this socket.
  virtual void OnReadable() { SignalReadEvent(this); }
  // The owner's turn to write.
  virtual void OnWritable() { SignalWriteEvent(this); }

  const char* const name_;
  Phase phase_ = Phase::kIdle;
};

}  // namespace sora

#endif
