// A client and the server's transport, connected in memory under a clock of their own.
#ifndef SORA_TESTS_TRANSPORT_PAIR_H
#define SORA_TESTS_TRANSPORT_PAIR_H

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "client.h"
#include "transport/transport.h"

namespace test {

using Bytes = std::vector<uint8_t>;

struct Message {
  uint16_t stream;
  uint32_t protocol;
  Bytes data;
};

// What one side has reported.
struct Seen {
  bool connected = false;
  bool associated = false;
  std::vector<Bytes> rtp;
  std::vector<Bytes> rtcp;
  std::vector<Message> messages;
  std::vector<uint16_t> resets;
  std::vector<uint32_t> bandwidth;
  std::string end;
};

class Pair : private sora::TransportEvents, private ClientEvents {
 public:
  static constexpr size_t kLowWater = 64 * 1024;
  explicit Pair(const char* srtp_profiles = kAllSrtpProfiles);

  // Signaling: each side learns of the other, and the client begins.
  void Begin();
  // Passes datagrams and time on until this holds; false when it does not within limit_ms of the pair's clock.
  bool RunUntil(const std::function<bool()>& holds, int64_t limit_ms = 10'000);
  // Begins and runs until both sides have an association.
  bool Connect();
  void RunFor(int64_t ms);

  // Sends media of either side.
  bool ServerSends(Bytes packet, bool rtcp = false);
  bool ClientSends(Bytes packet, bool rtcp = false);
  // Sends a message from the server; false when it is dropped.
  bool ServerSendsMessage(uint16_t stream, std::span<const uint8_t> data, const sora::Delivery& delivery = {});
  // Hands a datagram to the server as if the client, or another address, had sent it.
  void ToServer(Bytes datagram);
  void ToServer(Bytes datagram, const sora::Endpoint& from);

  int64_t now_ms = 1'000'000;
  int64_t delay_ms = 1;
  // Whether a datagram on its way is lost.
  std::function<bool(const Bytes& datagram, bool to_server)> lose;
  sora::DtlsContext server_context;
  ClientContext client_context;
  sora::Transport server;
  Client client;
  sora::Endpoint client_address;
  Seen server_seen;
  Seen client_seen;
  // What the server's owner says of further addresses, and has heard of them.
  bool admits_peers = true;
  std::vector<sora::Endpoint> peers_gone;
  int writable = 0;
  bool server_saw_bad_fingerprint = false;
  // What the server sent to addresses that are not the client's.
  std::vector<Bytes> to_others;
  // All that either side sent, whether lost or not.
  uint64_t bytes_to_client = 0;
  uint64_t bytes_to_server = 0;

 private:
  struct Datagram {
    int64_t due_ms;
    bool to_server;
    sora::Endpoint from;
    Bytes data;
  };
  void Pass(bool to_server, std::span<const uint8_t> data);
  // Delivers what is due and moves the clock to what comes next, but not behind this time.
  void Step(int64_t until_ms);

  void OnDatagram(const sora::Endpoint& to, std::span<const uint8_t> data) override;
  void OnPacedMedia(const sora::Endpoint& to, std::span<const uint8_t> data) override { OnDatagram(to, data); }
  bool OnPeer(const sora::Endpoint&, int64_t) override { return admits_peers; }
  void OnPeerGone(const sora::Endpoint& peer) override { peers_gone.push_back(peer); }
  void OnConnected() override { server_seen.connected = true; }
  void OnMedia(std::span<const uint8_t> packet, bool rtcp) override {
    (rtcp ? server_seen.rtcp : server_seen.rtp).emplace_back(packet.begin(), packet.end());
  }
  void OnBandwidth(uint32_t bits_per_second) override { server_seen.bandwidth.push_back(bits_per_second); }
  void OnAssociation() override { server_seen.associated = true; }
  void OnMessage(uint16_t stream, uint32_t protocol, std::span<const uint8_t> data) override {
    server_seen.messages.push_back({stream, protocol, {data.begin(), data.end()}});
  }
  void OnReset(std::span<const uint16_t> streams) override {
    server_seen.resets.insert(server_seen.resets.end(), streams.begin(), streams.end());
  }
  void OnWritable() override { ++writable; }
  void OnEnd(std::string_view reason, bool bad_fingerprint) override {
    server_seen.end = reason;
    server_saw_bad_fingerprint = bad_fingerprint;
  }

  void OnClientDatagram(Client&, std::span<const uint8_t> data) override { Pass(true, data); }
  void OnClientConnected(Client&) override { client_seen.connected = true; }
  void OnClientMedia(Client&, std::span<const uint8_t> packet, bool rtcp) override {
    (rtcp ? client_seen.rtcp : client_seen.rtp).emplace_back(packet.begin(), packet.end());
  }
  void OnClientAssociation(Client&) override { client_seen.associated = true; }
  void OnClientMessage(Client&, uint16_t stream, uint32_t protocol, std::span<const uint8_t> data) override {
    client_seen.messages.push_back({stream, protocol, {data.begin(), data.end()}});
  }
  void OnClientReset(Client&, std::span<const uint16_t> streams) override {
    client_seen.resets.insert(client_seen.resets.end(), streams.begin(), streams.end());
  }
  void OnClientEnd(Client&, std::string_view reason) override { client_seen.end = reason; }

  std::deque<Datagram> wire_;  // in the order of their times
};

// An RTP packet with this payload.
Bytes Rtp(uint32_t ssrc, uint16_t sequence, std::span<const uint8_t> payload);

}  // namespace test

#endif
