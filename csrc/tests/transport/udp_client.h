// A client on a real socket, and what a test needs of the port that serves it.
#ifndef SORA_TESTS_TRANSPORT_UDP_CLIENT_H
#define SORA_TESTS_TRANSPORT_UDP_CLIENT_H

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "client.h"
#include "transport/udp_port.h"

namespace test {

using Bytes = std::vector<uint8_t>;

// Milliseconds of CLOCK_MONOTONIC.
int64_t Now();

class UdpClient : private ClientEvents {
 public:
  // Sends to this port of the loopback, over IPv4 or IPv6.
  UdpClient(const ClientContext& context, uint16_t udp_port, bool ipv6 = false);
  ~UdpClient() override;

  void Start(sora::TransportObject& transport);
  // Receives what is there and serves the timers.
  void Poll();
  bool SendRtp(uint32_t ssrc, uint16_t sequence, size_t size);
  void SendRaw(std::span<const uint8_t> datagram);

  int descriptor() const { return descriptor_; }

  Client client;
  std::vector<Bytes> media;
  std::vector<Bytes> messages;
  std::string end;

 private:
  void OnClientDatagram(Client&, std::span<const uint8_t> datagram) override { SendRaw(datagram); }
  void OnClientMedia(Client&, std::span<const uint8_t> packet, bool) override {
    media.emplace_back(packet.begin(), packet.end());
  }
  void OnClientMessage(Client&, uint16_t, uint32_t, std::span<const uint8_t> data) override {
    messages.emplace_back(data.begin(), data.end());
  }
  void OnClientEnd(Client&, std::string_view reason) override { end = reason; }

  int descriptor_ = -1;
};

// A port with its queue, as JavaScript has them.
class PortUser {
 public:
  explicit PortUser(const std::string& host = "127.0.0.1");
  ~PortUser();

  struct Made {
    uint32_t handle;
    uint16_t udp_port;
  };
  Made CreateTransport();
  std::shared_ptr<sora::TransportObject> Object(uint32_t transport) const;
  // Reads the events and the media that wait.
  void Drain();
  // Serves these clients until it holds; false when it does not within 10 s.
  bool RunUntil(std::span<UdpClient* const> clients, const std::function<bool()>& holds);

  struct Media {
    uint32_t transport;
    bool rtcp;
    double arrived_ms;
    Bytes packet;
  };
  struct Event {
    uint32_t argument;
    Bytes payload;
  };
  std::shared_ptr<sora::EventQueue> queue;
  uint32_t handle;
  std::shared_ptr<sora::UdpPort> port;
  std::map<std::pair<uint32_t, uint32_t>, std::vector<Event>> events;  // by type and handle
  std::vector<Media> media;
};

}  // namespace test

#endif
