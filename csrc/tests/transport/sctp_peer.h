// A peer of the server's SCTP association that sends whatever packets a test wants, DTLS left out.
#ifndef SORA_TESTS_TRANSPORT_SCTP_PEER_H
#define SORA_TESTS_TRANSPORT_SCTP_PEER_H

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "transport/sctp_association.h"

namespace test {

using Bytes = std::vector<uint8_t>;

void Append16(Bytes& to, size_t value);
void Append32(Bytes& to, uint32_t value);
// A chunk with a true length, padded.
Bytes Chunk(uint8_t type, uint8_t flags, std::span<const uint8_t> value);

// Flags of a DATA chunk: the first and the last fragment of a message, out of order.
enum DataFlags : uint8_t { kLast = 1, kFirst = 2, kUnordered = 4, kWhole = 3 };
Bytes Data(uint32_t tsn, uint16_t stream, uint16_t sequence, std::span<const uint8_t> payload, uint8_t flags = kWhole);

struct Sack {
  uint32_t cumulative = 0;
  uint32_t window = 0;
  size_t gaps = 0;
};

class SctpPeer : private sora::SctpEvents {
 public:
  // Connects to an association of its own; first_tsn: of what this side sends; inits: how often it asks before it takes the first
  // answer, as a peer does whose answers take long.
  explicit SctpPeer(uint32_t first_tsn = 1, size_t low_water_bytes = 64 * 1024, int inits = 1);

  // Sends a packet of these chunks.
  void Send(std::initializer_list<Bytes> chunks);
  void Send(const std::vector<Bytes>& chunks);
  // The same with another verification tag.
  void SendTagged(uint32_t tag, const std::vector<Bytes>& chunks);
  // Lets the server send messages of this size.
  void ServerSends(size_t count, size_t size, const sora::Delivery& delivery = {});
  // Lets time pass.
  void RunFor(int64_t ms);

  // The last SACK of the server.
  std::optional<Sack> LastSack() const;
  // Chunks of this type that the server has sent.
  size_t Received(uint8_t type) const;

  int64_t now_ms = 1'000'000;
  sora::SctpAssociation server;
  const uint32_t tsn;
  uint32_t server_tag = 0;
  uint32_t server_tsn = 0;
  bool connected = false;
  std::string end;
  uint64_t messages = 0, message_bytes = 0;
  std::vector<uint16_t> resets;
  int writable = 0;
  std::vector<Bytes> packets;  // of the server, the newest 100
  uint64_t packets_sent = 0, bytes_sent = 0, server_bytes = 0;

 private:
  void OnSctpPacket(std::span<const uint8_t> packet) override;
  void OnSctpConnected() override { connected = true; }
  void OnSctpMessage(uint16_t, uint32_t, std::span<const uint8_t> data) override {
    ++messages;
    message_bytes += data.size();
  }
  void OnSctpReset(std::span<const uint16_t> streams) override {
    resets.insert(resets.end(), streams.begin(), streams.end());
  }
  void OnSctpWritable() override { ++writable; }
  void OnSctpEnd(std::string_view reason) override { end = reason; }

  void Handshake(int inits);
};

}  // namespace test

#endif
