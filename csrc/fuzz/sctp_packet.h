// Packets of SCTP (RFC 9260), as they are written, and what an association answers.
#ifndef SORA_FUZZ_SCTP_PACKET_H
#define SORA_FUZZ_SCTP_PACKET_H

#include <cstdint>
#include <span>
#include <vector>

#include "fuzz/fuzz.h"

namespace fuzz {

// Types of chunks.
constexpr uint8_t kData = 0, kInit = 1, kInitAck = 2, kSack = 3, kHeartbeat = 4, kAbort = 6, kShutdown = 7, kCookieEcho = 10,
                  kReconfig = 130, kForwardTsn = 192;

constexpr size_t kPacketHeader = 12;

uint32_t Read16(const uint8_t* at);
uint32_t Read32(const uint8_t* at);
void Append16(Bytes& to, uint32_t value);
void Append32(Bytes& to, uint32_t value);

// A chunk with padding.
Bytes Chunk(uint8_t type, uint8_t flags, std::span<const uint8_t> value);
inline Bytes Chunk(uint8_t type, uint8_t flags, std::initializer_list<uint8_t> value) {
  return Chunk(type, flags, std::span(value.begin(), value.size()));
}

// A packet of chunks with its checksum.
Bytes Packet(uint32_t tag, const std::vector<Bytes>& chunks);
bool HasTrueChecksum(std::span<const uint8_t> packet);

// An INIT with this tag and first TSN, which announces 1,024 streams of each direction.
Bytes Init(uint32_t tag, uint32_t tsn);

// Hands each chunk of a packet to take(type, flags, value).
template <typename Take>
void ForEachChunk(std::span<const uint8_t> packet, Take&& take) {
  for (size_t at = kPacketHeader; at + 4 <= packet.size();) {
    const size_t length = Read16(&packet[at + 2]);
    if (length < 4 || length > packet.size() - at) return;
    take(packet[at], packet[at + 1], packet.subspan(at + 4, length - 4));
    at += (length + 3) / 4 * 4;
  }
}

}  // namespace fuzz

#endif
