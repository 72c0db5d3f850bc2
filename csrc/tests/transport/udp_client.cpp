#include "udp_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include "pair.h"

namespace test {

int64_t Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

UdpClient::UdpClient(const ClientContext& context, uint16_t udp_port, bool ipv6) : client(context, *this, "udpclient") {
  sockaddr_storage to{};
  sora::Endpoint loopback;
  loopback.port = udp_port;
  loopback.address[15] = 1;
  if (!ipv6) loopback.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
  const socklen_t size = loopback.To(ipv6 ? AF_INET6 : AF_INET, to);
  descriptor_ = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor_ < 0 || connect(descriptor_, reinterpret_cast<sockaddr*>(&to), size) != 0)
    throw std::runtime_error("no UDP socket");
}

UdpClient::~UdpClient() { close(descriptor_); }

void UdpClient::Start(sora::TransportObject& transport) {
  transport.port->With(transport, [&](sora::Transport& found, int64_t now_ms) {
    found.SetRemote(client.ufrag(), "sha-256", client.fingerprint(), now_ms);
    return 0;
  });
  const sora::IceLite& ice = transport.transport.ice();
  client.Start(ice.ufrag(), ice.password(), sora::UdpPort::Context().fingerprint(), Now());
}

void UdpClient::Poll() {
  uint8_t buffer[2048];
  for (;;) {
    const ssize_t size = recv(descriptor_, buffer, sizeof buffer, 0);
    if (size <= 0) break;
    client.Receive({buffer, static_cast<size_t>(size)}, Now());
  }
  client.HandleTimeouts(Now());
}

void UdpClient::SendRaw(std::span<const uint8_t> datagram) {
  [[maybe_unused]] const ssize_t sent = send(descriptor_, datagram.data(), datagram.size(), 0);
}

bool UdpClient::SendRtp(uint32_t ssrc, uint16_t sequence, size_t size) {
  Bytes packet = Rtp(ssrc, sequence, Bytes(size, 1));
  const size_t plain = packet.size();
  packet.resize(plain + Client::kMaxTrailer);
  const size_t written = client.ProtectRtp(packet.data(), plain);
  if (written) SendRaw(std::span(packet).first(written));
  return written > 0;
}

PortUser::PortUser(const std::string& host)
    : queue(std::make_shared<sora::EventQueue>(1 << 20)),
      handle(sora::UdpPort::Create(queue, host)),
      port(sora::Find<sora::UdpPort>(handle)) {}

PortUser::~PortUser() {
  if (sora::TakeIfOpen(handle)) port->Close();
}

PortUser::Made PortUser::CreateTransport() {
  const auto created = port->CreateTransport(64 * 1024);
  return {created.handle, created.udp_port};
}

std::shared_ptr<sora::TransportObject> PortUser::Object(uint32_t transport) const {
  return sora::Find<sora::TransportObject>(transport);
}

void PortUser::Drain() {
  Bytes buffer(1 << 20);
  for (int32_t size; (size = queue->Drain(buffer.data(), static_cast<uint32_t>(buffer.size()))) > 0;) {
    for (size_t at = 0; at < static_cast<size_t>(size);) {
      uint32_t head[4];
      std::memcpy(head, &buffer[at], sizeof head);
      const auto payload = buffer.begin() + static_cast<ptrdiff_t>(at) + SORA_EVENT_HEADER_SIZE;
      events[{head[1] & 0xffff, head[2]}].push_back({head[3], {payload, payload + head[0]}});
      at += SORA_EVENT_HEADER_SIZE + (head[0] + 3) / 4 * 4;
    }
  }
  while (const uint32_t size = port->Read(buffer)) {
    for (size_t at = 0; at < size;) {
      uint32_t head[2];
      double arrived_ms = 0;
      std::memcpy(head, &buffer[at], sizeof head);
      std::memcpy(&arrived_ms, &buffer[at + 8], sizeof arrived_ms);
      const uint32_t bytes = head[1] & ~sora::kRtcpFlag;
      const auto packet = buffer.begin() + static_cast<ptrdiff_t>(at) + 16;
      media.push_back({head[0], (head[1] & sora::kRtcpFlag) != 0, arrived_ms, {packet, packet + bytes}});
      at += 16 + (bytes + 7) / 8 * 8;
    }
  }
}

bool PortUser::RunUntil(std::span<UdpClient* const> clients, const std::function<bool()>& holds) {
  std::vector<pollfd> ready;
  for (const UdpClient* client : clients) ready.push_back({client->descriptor(), POLLIN, 0});
  for (const int64_t end_ms = Now() + 10'000; Now() < end_ms;) {
    for (UdpClient* client : clients) client->Poll();
    Drain();
    if (holds()) return true;
    poll(ready.data(), ready.size(), 2);
  }
  return false;
}

}  // namespace test
