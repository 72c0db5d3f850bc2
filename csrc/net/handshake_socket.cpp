#include "net/handshake_socket.h"

#include <cerrno>

#include "api/task_queue/task_queue_base.h"
#include "api/units/time_delta.h"
#include "rtc_base/logging.h"

namespace sora {
namespace {

constexpr webrtc::TimeDelta kLimit = webrtc::TimeDelta::Seconds(10);

}  // namespace

HandshakeSocket::HandshakeSocket(rtc::Socket* transport, const char* name) : AsyncSocketAdapter(transport), name_(name) {}

int HandshakeSocket::Connect(const rtc::SocketAddress& address) {
  if (phase_ != Phase::kIdle) {
    SetError(EALREADY);
    return SOCKET_ERROR;
  }
  phase_ = Phase::kConnecting;
  if (AsyncSocketAdapter::Connect(address) < 0) {
    phase_ = Phase::kClosed;
    return SOCKET_ERROR;
  }
  webrtc::TaskQueueBase::Current()->PostDelayedTask(webrtc::SafeTask(safety_.flag(),
                                                                     [this] {
                                                                       if (phase_ == Phase::kConnecting || handshaking())
                                                                         Failed(ETIMEDOUT, "no answer in time");
                                                                     }),
                                                    kLimit);
  return 0;
}

rtc::Socket::ConnState HandshakeSocket::GetState() const {
  switch (phase_) {
    case Phase::kConnecting:
    case Phase::kHandshake: return CS_CONNECTING;
    case Phase::kOpen: return AsyncSocketAdapter::GetState();
    default: return CS_CLOSED;
  }
}

int HandshakeSocket::Close() {
  phase_ = Phase::kClosed;
  return AsyncSocketAdapter::Close();
}

int HandshakeSocket::NotOpen() {
  SetError(phase_ == Phase::kClosed ? ENOTCONN : EWOULDBLOCK);
  return SOCKET_ERROR;
}

void HandshakeSocket::Opened() {
  phase_ = Phase::kOpen;
  SignalConnectEvent(this);
}

void HandshakeSocket::Failed(int error, const std::string& why) {
  if (phase_ == Phase::kClosed) return;
  RTC_LOG(LS_WARNING) << name_ << ": " << why;
  Close();
  SetError(error);
  SignalCloseEvent(this, error);
}

void HandshakeSocket::FailLater(int error, const std::string& why) {
  webrtc::TaskQueueBase::Current()->PostTask(webrtc::SafeTask(safety_.flag(), [this, error, why] { Failed(error, why); }));
}

void HandshakeSocket::OnConnectEvent(rtc::Socket*) {
  if (phase_ != Phase::kConnecting) return;
  phase_ = Phase::kHandshake;
  StartHandshake();
}

void HandshakeSocket::OnReadEvent(rtc::Socket*) {
  if (handshaking()) {
    ContinueHandshake();
  } else if (open()) {
    OnReadable();
  }
}

void HandshakeSocket::OnWriteEvent(rtc::Socket*) {
  if (handshaking()) {
    FlushHandshake();
  } else if (open()) {
    OnWritable();
  }
}

void HandshakeSocket::OnCloseEvent(rtc::Socket*, int error) {
  Failed(error, open() ? "the connection was closed" : "the connection was closed before it was established");
}

}  // namespace sora
