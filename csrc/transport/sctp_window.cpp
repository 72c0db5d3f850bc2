#include "transport/sctp_window.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "transport/network_order.h"

namespace sora::sctp {
namespace {

constexpr size_t kCommonHeader = 12;
constexpr size_t kChecksum = 8;  // its offset
constexpr size_t kSack = 16;     // of a chunk without gap blocks
constexpr uint8_t kDataType = 0, kSackType = 3, kInterleavedDataType = 64;

// CRC32c (RFC 9260, appendix A).
constexpr std::array<uint32_t, 256> kCrcTable = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ 0x82f63b78 : value >> 1;
    table[i] = value;
  }
  return table;
}();

void SetChecksum(std::span<uint8_t> packet) {
  std::fill_n(packet.begin() + kChecksum, 4, uint8_t{0});
  uint32_t crc = ~uint32_t{0};
  for (const uint8_t byte : packet) crc = kCrcTable[(crc ^ byte) & 0xff] ^ crc >> 8;
  crc = ~crc;
  // It is the one number of SCTP that is sent with its lowest byte first.
  for (int i = 0; i < 4; ++i) packet[kChecksum + static_cast<size_t>(i)] = static_cast<uint8_t>(crc >> (8 * i));
}

// The offset of the first chunk of one of these types with at least this length, or 0.
size_t FindChunk(std::span<const uint8_t> packet, std::initializer_list<uint8_t> types, size_t least) {
  for (size_t at = kCommonHeader; at + 4 <= packet.size();) {
    const size_t length = static_cast<size_t>(packet[at + 2] << 8 | packet[at + 3]);
    if (length < 4 || length > packet.size() - at) return 0;
    if (std::ranges::find(types, packet[at]) != types.end()) return length >= least ? at : 0;
    at += (length + 3) / 4 * 4;
  }
  return 0;
}

size_t FindSack(std::span<const uint8_t> packet) { return FindChunk(packet, {kSackType}, kSack); }

}  // namespace

bool HasData(std::span<const uint8_t> packet) { return FindChunk(packet, {kDataType, kInterleavedDataType}, 4) != 0; }

std::optional<uint32_t> Window(std::span<const uint8_t> packet) {
  const size_t sack = FindSack(packet);
  return sack ? std::optional(Read32(&packet[sack + 8])) : std::nullopt;
}

std::optional<uint32_t> ShrinkWindow(std::span<uint8_t> packet, size_t held) {
  const size_t sack = FindSack(packet);
  if (sack == 0) return std::nullopt;
  uint8_t* const at = &packet[sack + 8];
  const uint32_t window = Read32(at);
  if (held == 0) return window;
  const uint32_t left = window > held ? window - static_cast<uint32_t>(held) : 0;
  Write32(at, left);
  SetChecksum(packet);
  return left;
}

std::vector<uint8_t> SackAlone(std::span<const uint8_t> packet) {
  const size_t sack = FindSack(packet);
  if (sack == 0) return {};
  std::vector<uint8_t> alone(packet.begin(), packet.begin() + kCommonHeader);
  alone.insert(alone.end(), packet.begin() + static_cast<ptrdiff_t>(sack),
               packet.begin() + static_cast<ptrdiff_t>(sack + kSack));
  alone[kCommonHeader + 2] = 0;
  alone[kCommonHeader + 3] = kSack;
  std::fill_n(alone.begin() + kCommonHeader + 12, 4, uint8_t{0});  // numbers of gap blocks and duplicates
  return alone;
}

void SetWindow(std::span<uint8_t> sack, uint32_t window) {
  Write32(&sack[kCommonHeader + 8], window);
  SetChecksum(sack);
}

}  // namespace sora::sctp
