#include "client_stun.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace test {
namespace {

constexpr size_t kHeader = 20;
constexpr uint32_t kCookie = 0x2112a442;
constexpr uint16_t kUsername = 0x0006, kIntegrity = 0x0008, kErrorCode = 0x0009, kXorMappedAddress = 0x0020,
                   kPriority = 0x0024, kUseCandidate = 0x0025, kFingerprint = 0x8028, kControlled = 0x8029,
                   kControlling = 0x802a;

void Append16(std::vector<uint8_t>& to, size_t value) {
  to.push_back(static_cast<uint8_t>(value >> 8));
  to.push_back(static_cast<uint8_t>(value));
}

void Append32(std::vector<uint8_t>& to, uint32_t value) {
  Append16(to, value >> 16);
  Append16(to, value & 0xffff);
}

void AppendAttribute(std::vector<uint8_t>& to, uint16_t type, std::span<const uint8_t> value) {
  Append16(to, type);
  Append16(to, value.size());
  to.insert(to.end(), value.begin(), value.end());
  to.resize((to.size() + 3) / 4 * 4);
}

void SetLength(std::vector<uint8_t>& message, size_t size) {
  message[2] = static_cast<uint8_t>((size - kHeader) >> 8);
  message[3] = static_cast<uint8_t>(size - kHeader);
}

uint16_t Read16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }
uint32_t Read32(const uint8_t* at) { return uint32_t{Read16(at)} << 16 | Read16(at + 2); }

std::array<uint8_t, 20> Mac(std::string_view password, std::span<const uint8_t> data) {
  std::array<uint8_t, 20> mac{};
  unsigned size = 0;
  HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), data.data(), data.size(), mac.data(), &size);
  return mac;
}

uint32_t Fingerprint(std::span<const uint8_t> data) {
  return static_cast<uint32_t>(crc32(0, data.data(), static_cast<uInt>(data.size()))) ^ 0x5354554e;
}

std::optional<sora::Endpoint> ReadXorMapped(std::span<const uint8_t> value, std::span<const uint8_t> mask) {
  const bool ipv4 = value.size() == 8 && value[1] == 1;
  if (!ipv4 && !(value.size() == 20 && value[1] == 2)) return std::nullopt;
  sora::Endpoint endpoint;
  endpoint.port = static_cast<uint16_t>(Read16(&value[2]) ^ (kCookie >> 16));
  if (ipv4) endpoint.address[10] = endpoint.address[11] = 0xff;
  for (size_t i = 4; i < value.size(); ++i) endpoint.address[(ipv4 ? 8 : -4) + i] = value[i] ^ mask[i - 4];
  return endpoint;
}

}  // namespace

std::vector<uint8_t> WriteCheck(const Transaction& transaction, std::string_view username, std::string_view password,
                                const CheckOptions& options) {
  std::vector<uint8_t> message;
  Append16(message, 0x0001);
  Append16(message, 0);
  Append32(message, kCookie);
  message.insert(message.end(), transaction.begin(), transaction.end());
  AppendAttribute(message, kUsername, {reinterpret_cast<const uint8_t*>(username.data()), username.size()});
  constexpr uint8_t kHostPriority[] = {0x7e, 0xff, 0xff, 0xff};
  AppendAttribute(message, kPriority, kHostPriority);
  constexpr uint8_t kTieBreaker[] = {1, 2, 3, 4, 5, 6, 7, 8};
  AppendAttribute(message, options.controlling ? kControlling : kControlled, kTieBreaker);
  if (options.use_candidate) AppendAttribute(message, kUseCandidate, {});
  SetLength(message, message.size() + 24);
  AppendAttribute(message, kIntegrity, Mac(password, message));
  SetLength(message, message.size() + 8);
  const uint32_t fingerprint = Fingerprint(message);
  Append16(message, kFingerprint);
  Append16(message, 4);
  Append32(message, fingerprint);
  return message;
}

std::optional<CheckResponse> ParseCheckResponse(std::span<const uint8_t> data, std::string_view password) {
  if (data.size() < kHeader || data.size() % 4 != 0 || Read32(&data[4]) != kCookie) return std::nullopt;
  const uint16_t type = Read16(data.data());
  if ((type != 0x0101 && type != 0x0111) || Read16(&data[2]) != data.size() - kHeader) return std::nullopt;
  CheckResponse response;
  std::copy_n(data.begin() + 8, response.transaction.size(), response.transaction.begin());
  bool authentic = false, whole = false;
  for (size_t at = kHeader; at + 4 <= data.size();) {
    const uint16_t attribute = Read16(&data[at]);
    const size_t length = Read16(&data[at + 2]);
    if (length > data.size() - at - 4) return std::nullopt;
    const std::span<const uint8_t> value = data.subspan(at + 4, length);
    if (attribute == kXorMappedAddress && !authentic) {
      const auto mapped = ReadXorMapped(value, data.subspan(4, 16));
      if (!mapped) return std::nullopt;
      response.mapped = *mapped;
    } else if (attribute == kErrorCode && !authentic) {
      if (length < 4) return std::nullopt;
      response.error = value[2] * 100 + value[3];
    } else if (attribute == kIntegrity) {
      std::vector<uint8_t> covered(data.begin(), data.begin() + static_cast<ptrdiff_t>(at));
      SetLength(covered, at + 24);
      if (length != 20 || !std::ranges::equal(Mac(password, covered), value)) return std::nullopt;
      authentic = true;
    } else if (attribute == kFingerprint) {
      whole = length == 4 && Read32(value.data()) == Fingerprint(data.first(at));
    }
    at += 4 + (length + 3) / 4 * 4;
  }
  const bool complete = type == 0x0101 ? response.error == 0 && response.mapped.port != 0 : response.error != 0;
  return authentic && whole && complete ? std::optional(response) : std::nullopt;
}

}  // namespace test
