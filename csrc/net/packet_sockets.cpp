#include "net/packet_sockets.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/result.h"
#include "datagrams/receive_batch.h"
#include "datagrams/send_batch.h"
#include "rtc_base/logging.h"
#include "rtc_base/time_utils.h"

namespace sora {
namespace {

// Datagrams that leave together at most: two messages of the system's largest.
constexpr size_t kSent = 64;
// Messages that are received together, of up to 64 kB each.
constexpr size_t kReceived = 8;
// A datagram that claims to have waited for longer came before the system's clock was set.
constexpr int64_t kLongestAgeUs = 1'000'000;

rtc::SocketAddress AddressOf(const Endpoint& endpoint) {
  sockaddr_storage storage{};
  endpoint.To(endpoint.is_ipv4() ? AF_INET : AF_INET6, storage);
  rtc::SocketAddress address;
  rtc::SocketAddressFromSockAddrStorage(storage, &address);
  return address;
}

class Sockets;

// A UDP socket as libwebrtc uses one. All of it is on the network thread.
class UdpPacketSocket : public rtc::AsyncPacketSocket, public rtc::Dispatcher {
 public:
  UdpPacketSocket(Sockets& owner, std::shared_ptr<UdpSocket> socket, const rtc::IPAddress& local);
  ~UdpPacketSocket() override {
    Close();
    if (gone_) *gone_ = true;
  }

  rtc::SocketAddress GetLocalAddress() const override { return local_; }
  rtc::SocketAddress GetRemoteAddress() const override { return {}; }
  State GetState() const override { return socket_ ? STATE_BOUND : STATE_CLOSED; }
  int GetError() const override { return error_; }
  void SetError(int error) override { error_ = error; }

  int Send(const void*, size_t, const rtc::PacketOptions&) override { return Refuse(ENOTCONN); }
  int SendTo(const void* data, size_t size, const rtc::SocketAddress& to, const rtc::PacketOptions& options) override;
  int Close() override;

  int GetOption(rtc::Socket::Option, int*) override { return Refuse(ENOPROTOOPT); }
  int SetOption(rtc::Socket::Option option, int value) override {
    // UdpSocket has asked for larger buffers than libwebrtc does.
    if (option == rtc::Socket::OPT_RCVBUF || option == rtc::Socket::OPT_SNDBUF) return 0;
    const bool done =
        socket_ && option == rtc::Socket::OPT_DSCP && SetTrafficClass(socket_->descriptor(), socket_->family(), value);
    return done ? 0 : Refuse(ENOPROTOOPT);
  }

  uint32_t GetRequestedEvents() override { return rtc::DE_READ | (waits_ ? rtc::DE_WRITE : 0u); }
  int GetDescriptor() override { return socket_ ? socket_->descriptor() : -1; }
  bool IsDescriptorClosed() override { return false; }
  void OnEvent(uint32_t events, int error) override;

 private:
  int Refuse(int error) {
    error_ = error;
    return -1;
  }
  void Read();

  Sockets& owner_;
  std::shared_ptr<UdpSocket> socket_;  // null: closed
  const rtc::SocketAddress local_;
  int error_ = 0;
  bool waits_ = false;    // until the system has room for what is sent
  bool* gone_ = nullptr;  // while datagrams are read: whether this object is no more
};

class Sockets : public PacketSockets {
 public:
  // What the last task sent, such as the end of a DTLS association; the thread does not wait after it.
  ~Sockets() override { Flush(); }

  bool Wait(webrtc::TimeDelta longest, bool process_io) override {
    Flush();
    return PacketSockets::Wait(longest, process_io);
  }

  rtc::AsyncPacketSocket* CreateUdpSocket(const rtc::SocketAddress& local, uint16_t min_port, uint16_t max_port) override {
    const bool any = min_port == 0 && max_port == 0;
    const uint32_t first = any ? local.port() : min_port, last = any ? local.port() : max_port;
    for (uint32_t port = first; port <= last; ++port) {
      try {
        return new UdpPacketSocket(
            *this, std::make_shared<UdpSocket>(local.ipaddr().ToString(), static_cast<uint16_t>(port)), local.ipaddr());
      } catch (const Error& error) {
        if (port == last) RTC_LOG(LS_WARNING) << error.what();
      }
    }
    return nullptr;
  }

  // Sends a datagram together with others: what tasks send leaves before the thread waits, what comes of received datagrams when
  // all of these are taken.
  void Send(std::span<const uint8_t> datagram, const std::shared_ptr<UdpSocket>& socket, const Endpoint& to) {
    std::memcpy(batch_.Next(), datagram.data(), datagram.size());
    batch_.Add(datagram.size(), socket, to);
    if (waits() && !reads_) Flush();
  }

  // Receives from a socket and hands each datagram to take(datagram, from, age).
  template <typename Take>
  void Receive(const UdpSocket& socket, Take&& take) {
    reads_ = true;
    received_.ForEach(received_.Receive(socket), SIZE_MAX, take);
    reads_ = false;
    RunTimers();
    Flush();
  }

 private:
  // What the system refuses is lost as on a wire, which those who sent it notice.
  void Flush() {
    if (!batch_.empty()) batch_.Flush();
  }

  SendBatch batch_{kSent};
  ReceiveBatch received_{kReceived};
  bool reads_ = false;
};

UdpPacketSocket::UdpPacketSocket(Sockets& owner, std::shared_ptr<UdpSocket> socket, const rtc::IPAddress& local)
    : owner_(owner), socket_(std::move(socket)), local_(local, socket_->port()) {
  ReportArrivals(socket_->descriptor());
  owner_.Add(this);
}

int UdpPacketSocket::Close() {
  if (!socket_) return 0;
  owner_.Remove(this);
  socket_ = nullptr;
  return 0;
}

int UdpPacketSocket::SendTo(const void* data, size_t size, const rtc::SocketAddress& to, const rtc::PacketOptions& options) {
  if (!socket_) return Refuse(ENOTCONN);
  if (size > kMaxDatagram) return Refuse(EMSGSIZE);
  sockaddr_storage address{};
  if (to.ToSockAddrStorage(&address) == 0) return Refuse(EINVAL);
  const Endpoint endpoint = Endpoint::Of(address);
  if (socket_->family() == AF_INET && !endpoint.is_ipv4()) return Refuse(EAFNOSUPPORT);
  if (socket_->blocked()) {
    if (!waits_) {
      waits_ = true;
      owner_.Update(this);
    }
    return Refuse(EWOULDBLOCK);
  }
  owner_.Send({static_cast<const uint8_t*>(data), size}, socket_, endpoint);
  // Only the estimate of the bandwidth asks when a packet left, and only of those that it counts.
  const rtc::PacketInfo& info = options.info_signaled_after_sent;
  if (options.packet_id != -1 || info.included_in_feedback || info.included_in_allocation) {
    rtc::SentPacket sent(options.packet_id, rtc::TimeMillis(), info);
    rtc::CopySocketInformationToPacketInfo(size, *this, true, &sent.info);
    SignalSentPacket(this, sent);
  }
  return static_cast<int>(size);
}

void UdpPacketSocket::OnEvent(uint32_t events, int) {
  if (events & rtc::DE_WRITE && waits_ && socket_) {
    socket_->set_blocked(false);
    waits_ = false;
    owner_.Update(this);
    SignalReadyToSend(this);
  }
  if (events & (rtc::DE_READ | rtc::DE_CLOSE) && socket_) Read();
}

void UdpPacketSocket::Read() {
  const std::shared_ptr<UdpSocket> socket = socket_;
  const int64_t now_us = rtc::TimeMicros();
  bool gone = false;
  gone_ = &gone;
  Endpoint last;
  rtc::SocketAddress source;
  owner_.Receive(*socket, [&](std::span<const uint8_t> datagram, const Endpoint& from, std::optional<int64_t> age) {
    if (gone || !socket_) return;
    if (source.IsNil() || !(from == last)) source = AddressOf(last = from);
    const int64_t age_us = age && *age >= 0 && *age <= kLongestAgeUs ? *age : 0;
    NotifyPacketReceived(rtc::ReceivedPacket(rtc::ArrayView<const uint8_t>(datagram.data(), datagram.size()), source,
                                             webrtc::Timestamp::Micros(now_us - age_us)));
  });
  if (!gone) gone_ = nullptr;
}

}  // namespace

std::unique_ptr<PacketSockets> PacketSockets::Create() { return std::make_unique<Sockets>(); }

}  // namespace sora
