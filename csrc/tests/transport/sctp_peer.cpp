#include "sctp_peer.h"

#include <stdexcept>

namespace test {
namespace {

constexpr size_t kHeader = 12;
constexpr uint16_t kPort = 5000;
constexpr uint8_t kInit = 1, kInitAck = 2, kSack = 3, kCookieEcho = 10;

uint16_t Read16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }
uint32_t Read32(const uint8_t* at) { return uint32_t{Read16(at)} << 16 | Read16(at + 2); }

// CRC32c, bit by bit.
uint32_t Checksum(std::span<const uint8_t> data) {
  uint32_t crc = ~uint32_t{0};
  for (const uint8_t byte : data) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
  }
  return ~crc;
}

// The chunks of a packet, headers included.
std::vector<std::span<const uint8_t>> Chunks(std::span<const uint8_t> packet) {
  std::vector<std::span<const uint8_t>> chunks;
  for (size_t at = kHeader; at + 4 <= packet.size();) {
    const size_t size = Read16(&packet[at + 2]);
    if (size < 4 || at + size > packet.size()) throw std::runtime_error("the server sent a malformed packet");
    chunks.push_back(packet.subspan(at, size));
    at += (size + 3) / 4 * 4;
  }
  return chunks;
}

}  // namespace

void Append16(Bytes& to, size_t value) {
  to.push_back(static_cast<uint8_t>(value >> 8));
  to.push_back(static_cast<uint8_t>(value));
}

void Append32(Bytes& to, uint32_t value) {
  Append16(to, value >> 16);
  Append16(to, value & 0xffff);
}

Bytes Chunk(uint8_t type, uint8_t flags, std::span<const uint8_t> value) {
  Bytes chunk = {type, flags};
  Append16(chunk, 4 + value.size());
  chunk.insert(chunk.end(), value.begin(), value.end());
  chunk.resize((chunk.size() + 3) / 4 * 4);
  return chunk;
}

Bytes Data(uint32_t tsn, uint16_t stream, uint16_t sequence, std::span<const uint8_t> payload, uint8_t flags) {
  Bytes value;
  Append32(value, tsn);
  Append16(value, stream);
  Append16(value, sequence);
  Append32(value, 53);
  value.insert(value.end(), payload.begin(), payload.end());
  return Chunk(0, flags, value);
}

SctpPeer::SctpPeer(uint32_t first_tsn, size_t low_water_bytes, int inits)
    : server(*this, low_water_bytes, now_ms), tsn(first_tsn) {
  Handshake(inits);
}

void SctpPeer::Handshake(int inits) {
  Bytes init;
  Append32(init, 0x11223344);   // the tag that the server sends with
  Append32(init, 1024 * 1024);  // window
  Append16(init, 65'535);
  Append16(init, 65'535);
  Append32(init, tsn);
  init.insert(init.end(), {0xc0, 0x00, 0x00, 0x04});                  // FORWARD-TSN is understood
  init.insert(init.end(), {0x80, 0x08, 0x00, 0x06, 130, 192, 0, 0});  // and RE-CONFIG
  for (int i = 0; i < inits; ++i) SendTagged(0, {Chunk(kInit, 0, init)});
  Bytes cookie;
  for (const auto chunk : Chunks(packets.front())) {
    if (chunk[0] != kInitAck) continue;
    server_tag = Read32(&chunk[4]);
    server_tsn = Read32(&chunk[16]);
    for (size_t at = 20; at + 4 <= chunk.size();) {
      const size_t size = Read16(&chunk[at + 2]);
      if (Read16(&chunk[at]) == 7)
        cookie.assign(chunk.begin() + static_cast<ptrdiff_t>(at) + 4, chunk.begin() + static_cast<ptrdiff_t>(at + size));
      at += (size + 3) / 4 * 4;
    }
  }
  Send({Chunk(kCookieEcho, 0, cookie)});
  if (!connected) throw std::runtime_error("the association did not come up");
}

void SctpPeer::Send(std::initializer_list<Bytes> chunks) { SendTagged(server_tag, chunks); }
void SctpPeer::Send(const std::vector<Bytes>& chunks) { SendTagged(server_tag, chunks); }

void SctpPeer::SendTagged(uint32_t tag, const std::vector<Bytes>& chunks) {
  Bytes packet;
  Append16(packet, kPort);
  Append16(packet, kPort);
  Append32(packet, tag);
  Append32(packet, 0);
  for (const Bytes& chunk : chunks) packet.insert(packet.end(), chunk.begin(), chunk.end());
  const uint32_t checksum = Checksum(packet);
  for (size_t i = 0; i < 4; ++i) packet[8 + i] = static_cast<uint8_t>(checksum >> (8 * i));
  ++packets_sent;
  bytes_sent += packet.size();
  server.Receive(packet, now_ms);
}

void SctpPeer::ServerSends(size_t count, size_t size, const sora::Delivery& delivery) {
  const Bytes data(size, 1);
  const std::vector<sora::OutgoingMessage> all(count, {1, 53, data, delivery});
  server.Send(all, now_ms);
}

void SctpPeer::RunFor(int64_t ms) {
  const int64_t end_ms = now_ms + ms;
  while (now_ms < end_ms) {
    const auto due = server.NextTimeout();
    now_ms = due ? std::min(std::max(*due, now_ms + 1), end_ms) : end_ms;
    server.HandleTimeouts(now_ms);
  }
}

std::optional<Sack> SctpPeer::LastSack() const {
  for (auto packet = packets.rbegin(); packet != packets.rend(); ++packet)
    for (const auto chunk : Chunks(*packet))
      if (chunk[0] == kSack) return Sack{Read32(&chunk[4]), Read32(&chunk[8]), Read16(&chunk[12])};
  return std::nullopt;
}

size_t SctpPeer::Received(uint8_t type) const {
  size_t count = 0;
  for (const Bytes& packet : packets)
    for (const auto chunk : Chunks(packet)) count += chunk[0] == type;
  return count;
}

void SctpPeer::OnSctpPacket(std::span<const uint8_t> packet) {
  server_bytes += packet.size();
  packets.emplace_back(packet.begin(), packet.end());
  if (packets.size() > 100) packets.erase(packets.begin());
}

}  // namespace test
