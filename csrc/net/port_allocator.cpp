#include "net/port_allocator.h"

#include <atomic>

#include "core/field_trials.h"
#include "net/dns_resolver.h"
#include "net/proxy_socket.h"
#include "net/tls_socket.h"
#include "p2p/base/async_stun_tcp_socket.h"
#include "p2p/base/basic_packet_socket_factory.h"
#include "p2p/client/basic_port_allocator.h"

namespace sora {
namespace {

class PacketSocketFactory : public rtc::BasicPacketSocketFactory {
 public:
  PacketSocketFactory(PacketSockets& sockets, NetworkSettings settings)
      : BasicPacketSocketFactory(&sockets), sockets_(sockets), settings_(std::move(settings)) {}

  std::unique_ptr<webrtc::AsyncDnsResolverInterface> CreateAsyncDnsResolver() override { return CreateDnsResolver(); }

  rtc::AsyncPacketSocket* CreateUdpSocket(const rtc::SocketAddress& local, uint16_t min_port, uint16_t max_port) override {
    return sockets_.CreateUdpSocket(local, min_port, max_port);
  }

  rtc::AsyncPacketSocket* CreateClientTcpSocket(const rtc::SocketAddress& local, const rtc::SocketAddress& remote,
                                                const rtc::ProxyInfo& proxy, const std::string& agent,
                                                const rtc::PacketSocketTcpOptions& options) override {
    // Only TURN uses STUN framing (RFC 8656, section 3.1); the rest is ICE over TCP between peers.
    if (!(options.opts & OPT_STUN))
      return BasicPacketSocketFactory::CreateClientTcpSocket(local, remote, proxy, agent, options);
    std::unique_ptr<rtc::Socket> socket(sockets_.CreateSocket(local.family(), SOCK_STREAM));
    if (!socket) return nullptr;
    if (socket->Bind(local) < 0 && !local.IsAnyIP()) return nullptr;
    socket->SetOption(rtc::Socket::OPT_NODELAY, 1);
    if (settings_.proxy) socket = std::make_unique<ProxySocket>(socket.release(), settings_.proxy);
    if (options.opts & (OPT_TLS | OPT_TLS_INSECURE)) {
      SslSession session =
          settings_.tls->NewSession(remote.hostname().empty() ? remote.ipaddr().ToString() : remote.hostname());
      if (!session) return nullptr;
      socket = std::make_unique<TlsSocket>(socket.release(), std::move(session));
    }
    if (socket->Connect(remote) < 0) return nullptr;
    return new cricket::AsyncStunTCPSocket(socket.release());
  }

 private:
  PacketSockets& sockets_;
  const NetworkSettings settings_;
};

// A base class, so that it outlives the allocator that uses it.
struct Dependencies {
  std::unique_ptr<rtc::NetworkManager> networks;
  std::shared_ptr<const std::atomic<bool>> tcp;
  std::shared_ptr<IceUse> use;
  PacketSocketFactory packet_sockets;
  FieldTrials trials;
};

class PortAllocator : private Dependencies, public cricket::BasicPortAllocator {
 public:
  PortAllocator(Networks& all, PacketSockets& sockets, NetworkSettings settings)
      : Dependencies{all.ForConnection(), settings.tcp, settings.use, PacketSocketFactory(sockets, std::move(settings)), {}},
        BasicPortAllocator(networks.get(), &packet_sockets, nullptr, nullptr, &trials) {}

  cricket::PortAllocatorSession* CreateSessionInternal(absl::string_view content, int component, absl::string_view ufrag,
                                                       absl::string_view password) override {
    auto* const session = BasicPortAllocator::CreateSessionInternal(content, component, ufrag, password);
    if (!*tcp) session->set_flags(session->flags() | cricket::PORTALLOCATOR_DISABLE_TCP);
    if (!use->TakeSession()) session->set_flags(session->flags() | kNothing);
    return session;
  }

 private:
  static constexpr uint32_t kNothing = cricket::PORTALLOCATOR_DISABLE_UDP | cricket::PORTALLOCATOR_DISABLE_STUN |
                                       cricket::PORTALLOCATOR_DISABLE_RELAY | cricket::PORTALLOCATOR_DISABLE_TCP;
};

}  // namespace

std::unique_ptr<cricket::PortAllocator> CreatePortAllocator(Networks& networks, PacketSockets& sockets,
                                                            NetworkSettings settings) {
  return std::make_unique<PortAllocator>(networks, sockets, std::move(settings));
}

}  // namespace sora
