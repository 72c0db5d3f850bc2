// The checks of a controlling ICE agent (RFC 8445) and the responses to them.
#ifndef SORA_TESTS_TRANSPORT_CLIENT_STUN_H
#define SORA_TESTS_TRANSPORT_CLIENT_STUN_H

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "datagrams/endpoint.h"

namespace test {

using Transaction = std::array<uint8_t, 12>;

struct CheckOptions {
  bool use_candidate = true;
  bool controlling = true;
};

// A binding request with PRIORITY, MESSAGE-INTEGRITY and FINGERPRINT. username: "THEIRS:OURS"; password: theirs.
std::vector<uint8_t> WriteCheck(const Transaction& transaction, std::string_view username, std::string_view password,
                                const CheckOptions& options = {});

struct CheckResponse {
  Transaction transaction;
  int error = 0;          // 0 for success
  sora::Endpoint mapped;  // where the peer saw the request come from
};

// Nothing when it is another message, malformed, or was not made with this password.
std::optional<CheckResponse> ParseCheckResponse(std::span<const uint8_t> data, std::string_view password);

}  // namespace test

#endif
