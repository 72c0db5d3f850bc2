#include "fuzz/sctp_packet.h"

#include "net/dcsctp/packet/crc32c.h"

namespace fuzz {
namespace {

constexpr size_t kChecksum = 8;  // its offset

uint32_t Checksum(Bytes packet) {
  std::fill_n(packet.begin() + kChecksum, 4, uint8_t{0});
  return dcsctp::GenerateCrc32C(packet);
}

}  // namespace

uint32_t Read16(const uint8_t* at) { return uint32_t{at[0]} << 8 | at[1]; }
uint32_t Read32(const uint8_t* at) { return Read16(at) << 16 | Read16(at + 2); }

void Append16(Bytes& to, uint32_t value) {
  to.push_back(static_cast<uint8_t>(value >> 8));
  to.push_back(static_cast<uint8_t>(value));
}

void Append32(Bytes& to, uint32_t value) {
  Append16(to, value >> 16);
  Append16(to, value);
}

Bytes Chunk(uint8_t type, uint8_t flags, std::span<const uint8_t> value) {
  Bytes chunk = {type, flags};
  Append16(chunk, static_cast<uint32_t>(value.size() + 4));
  chunk.insert(chunk.end(), value.begin(), value.end());
  chunk.resize((chunk.size() + 3) / 4 * 4);
  return chunk;
}

Bytes Packet(uint32_t tag, const std::vector<Bytes>& chunks) {
  Bytes packet;
  Append16(packet, 5000);
  Append16(packet, 5000);
  Append32(packet, tag);
  Append32(packet, 0);
  for (const Bytes& chunk : chunks) packet.insert(packet.end(), chunk.begin(), chunk.end());
  const uint32_t checksum = Checksum(packet);
  for (size_t i = 0; i < 4; ++i) packet[kChecksum + i] = static_cast<uint8_t>(checksum >> (24 - 8 * i));
  return packet;
}

bool HasTrueChecksum(std::span<const uint8_t> packet) {
  return packet.size() >= kPacketHeader && Checksum({packet.begin(), packet.end()}) == Read32(&packet[kChecksum]);
}

Bytes Init(uint32_t tag, uint32_t tsn) {
  Bytes value;
  Append32(value, tag);
  Append32(value, 1 << 20);  // its window
  Append16(value, 1024);
  Append16(value, 1024);
  Append32(value, tsn);
  // Supported extensions (RE-CONFIG, FORWARD-TSN), and Forward-TSN-supported.
  for (const uint8_t byte : {0x80, 0x08, 0x00, 0x06, 0x82, 0xc0, 0x00, 0x00, 0xc0, 0x00, 0x00, 0x04}) value.push_back(byte);
  return Chunk(kInit, 0, value);
}

}  // namespace fuzz
