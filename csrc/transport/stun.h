// STUN messages as ICE connectivity checks use them (RFC 8489, RFC 8445).
#ifndef SORA_TRANSPORT_STUN_H
#define SORA_TRANSPORT_STUN_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "datagrams/endpoint.h"

namespace sora::stun {

// A binding request, as far as an ICE-lite agent reads it. It points into the datagram.
struct BindingRequest {
  std::span<const uint8_t, 12> transaction;
  std::string_view username;
  bool use_candidate = false;
  bool controlled = false;  // the sender claims the controlled role
  size_t integrity = 0;     // offset of MESSAGE-INTEGRITY
};

// Largest response that is written.
constexpr size_t kMaxResponse = 128;

// Whether a datagram is a STUN message by its first byte (RFC 7983).
inline bool IsStun(std::span<const uint8_t> data) { return data.size() >= 20 && data[0] < 4; }

// Nothing when it is another message, malformed, without MESSAGE-INTEGRITY or USERNAME, or its FINGERPRINT is wrong.
std::optional<BindingRequest> Parse(std::span<const uint8_t> data);

// Whether MESSAGE-INTEGRITY was made with this password.
bool Verify(std::span<const uint8_t> data, const BindingRequest& request, std::string_view password);

// Writes a success response with XOR-MAPPED-ADDRESS; returns its size.
size_t WriteSuccess(std::span<uint8_t, kMaxResponse> out, const BindingRequest& request, const Endpoint& from,
                    std::string_view password);

// Writes the error response 487 (Role Conflict); returns its size.
size_t WriteRoleConflict(std::span<uint8_t, kMaxResponse> out, const BindingRequest& request, std::string_view password);

}  // namespace sora::stun

#endif
