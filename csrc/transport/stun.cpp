#include "transport/stun.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

#include <cstring>
#include <vector>

#include "transport/network_order.h"

namespace sora::stun {
namespace {

constexpr size_t kStunHeader = 20;
constexpr size_t kIntegrity = 24;  // the attribute with its header
constexpr uint32_t kMagicCookie = 0x2112a442;
constexpr uint32_t kFingerprintXor = 0x5354554e;
constexpr uint16_t kBindingRequest = 0x0001, kBindingSuccess = 0x0101, kBindingError = 0x0111;
constexpr uint16_t kUsername = 0x0006, kMessageIntegrity = 0x0008, kErrorCode = 0x0009, kXorMappedAddress = 0x0020,
                   kUseCandidate = 0x0025, kFingerprint = 0x8028, kIceControlled = 0x8029;
// RFC 8489, section 14.3: less than 509 bytes of a user name, here with some room.
constexpr size_t kMaxUsername = 513;
// A check is far smaller; what is larger is not worth an HMAC.
constexpr size_t kMaxRequest = 1280;

uint32_t Fingerprint(const uint8_t* data, size_t size) {
  return static_cast<uint32_t>(crc32(0, data, static_cast<uInt>(size))) ^ kFingerprintXor;
}

bool Mac(std::string_view password, const uint8_t* data, size_t size, uint8_t (&mac)[20]) {
  unsigned written = 0;
  return HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), data, size, mac, &written) &&
         written == sizeof mac;
}

// Adds MESSAGE-INTEGRITY and FINGERPRINT to a message of this size; returns the whole size.
size_t Finish(std::span<uint8_t, kMaxResponse> out, size_t size, std::string_view password) {
  Write16(&out[2], size + kIntegrity - kStunHeader);
  uint8_t mac[20];
  if (!Mac(password, out.data(), size, mac)) return 0;
  Write16(&out[size], kMessageIntegrity);
  Write16(&out[size + 2], sizeof mac);
  std::memcpy(&out[size + 4], mac, sizeof mac);
  size += kIntegrity;
  Write16(&out[2], size + 8 - kStunHeader);
  const uint32_t fingerprint = Fingerprint(out.data(), size);
  Write16(&out[size], kFingerprint);
  Write16(&out[size + 2], 4);
  Write32(&out[size + 4], fingerprint);
  return size + 8;
}

void Begin(std::span<uint8_t, kMaxResponse> out, uint16_t type, const BindingRequest& request) {
  Write16(&out[0], type);
  Write32(&out[4], kMagicCookie);
  std::memcpy(&out[8], request.transaction.data(), request.transaction.size());
}

}  // namespace

std::optional<BindingRequest> Parse(std::span<const uint8_t> data) {
  if (data.size() < kStunHeader || data.size() % 4 != 0 || data.size() > kMaxRequest) return std::nullopt;
  if (Read16(&data[0]) != kBindingRequest || Read32(&data[4]) != kMagicCookie) return std::nullopt;
  if (Read16(&data[2]) != data.size() - kStunHeader) return std::nullopt;
  BindingRequest request{.transaction = data.subspan<8, 12>(), .username = {}};
  for (size_t offset = kStunHeader; offset + 4 <= data.size();) {
    const uint16_t attribute = Read16(&data[offset]);
    const size_t length = Read16(&data[offset + 2]);
    const size_t value = offset + 4;
    if (length > data.size() - value) return std::nullopt;
    if (attribute == kFingerprint) {
      if (length != 4 || value + 4 != data.size()) return std::nullopt;
      if (Read32(&data[value]) != Fingerprint(data.data(), offset)) return std::nullopt;
    } else if (request.integrity == 0) {
      // Attributes behind MESSAGE-INTEGRITY are not protected and must be ignored.
      if (attribute == kUsername && length <= kMaxUsername) {
        request.username = {reinterpret_cast<const char*>(data.data() + value), length};
      } else if (attribute == kUseCandidate) {
        request.use_candidate = true;
      } else if (attribute == kIceControlled) {
        request.controlled = true;
      } else if (attribute == kMessageIntegrity) {
        if (length != 20) return std::nullopt;
        request.integrity = offset;
      }
    }
    offset = value + ((length + 3) & ~size_t{3});
  }
  if (request.integrity == 0 || request.username.empty()) return std::nullopt;
  return request;
}

bool Verify(std::span<const uint8_t> data, const BindingRequest& request, std::string_view password) {
  uint8_t covered[kMaxRequest];
  std::memcpy(covered, data.data(), request.integrity);
  // The length counts up to MESSAGE-INTEGRITY and with it (RFC 8489, section 14.5).
  Write16(covered + 2, request.integrity + kIntegrity - kStunHeader);
  uint8_t mac[20];
  return Mac(password, covered, request.integrity, mac) &&
         CRYPTO_memcmp(mac, data.data() + request.integrity + 4, sizeof mac) == 0;
}

size_t WriteSuccess(std::span<uint8_t, kMaxResponse> out, const BindingRequest& request, const Endpoint& from,
                    std::string_view password) {
  Begin(out, kBindingSuccess, request);
  const bool ipv4 = from.is_ipv4();
  const size_t length = ipv4 ? 4 : 16;
  const uint8_t* const address = from.address.data() + (ipv4 ? 12 : 0);
  uint8_t mask[16];
  Write32(mask, kMagicCookie);
  std::memcpy(mask + 4, request.transaction.data(), 12);
  Write16(&out[20], kXorMappedAddress);
  Write16(&out[22], 4 + length);
  out[24] = 0;
  out[25] = ipv4 ? 1 : 2;
  Write16(&out[26], from.port ^ (kMagicCookie >> 16));
  for (size_t i = 0; i < length; ++i) out[28 + i] = address[i] ^ mask[i];
  return Finish(out, 28 + length, password);
}

size_t WriteRoleConflict(std::span<uint8_t, kMaxResponse> out, const BindingRequest& request, std::string_view password) {
  constexpr char kReason[] = "Role Conflict";
  constexpr size_t kLength = sizeof kReason - 1;
  Begin(out, kBindingError, request);
  Write16(&out[20], kErrorCode);
  Write16(&out[22], 4 + kLength);
  Write32(&out[24], 4 << 8 | 87);
  std::memset(&out[28], 0, (kLength + 3) / 4 * 4);
  std::memcpy(&out[28], kReason, kLength);
  return Finish(out, 28 + (kLength + 3) / 4 * 4, password);
}

}  // namespace sora::stun
