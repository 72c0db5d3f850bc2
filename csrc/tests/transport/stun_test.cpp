// Connectivity checks as bytes: the vectors of RFC 5769, and what becomes of them when a byte is changed.
#include "transport/stun.h"

#include <vector>

#include "../harness/harness.h"
#include "client_stun.h"

namespace {

using Bytes = std::vector<uint8_t>;
namespace stun = sora::stun;

constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";

// RFC 5769, section 2.1.
const Bytes kRequest = {0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
                        0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
                        0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
                        0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
                        0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
                        0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
                        0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

bool Accepted(const Bytes& data) {
  const auto request = stun::Parse(data);
  return request && stun::Verify(data, *request, kPassword);
}

// A copy whose FINGERPRINT is right for what stands before it, so that it does not hide what MESSAGE-INTEGRITY protects.
Bytes WithoutFingerprint(Bytes data) {
  data.resize(data.size() - 8);
  data[3] = static_cast<uint8_t>(data.size() - 20);
  return data;
}

// XOR-MAPPED-ADDRESS of the success response to the request, with its header.
Bytes MappedAddress(const sora::Endpoint& from) {
  const auto request = stun::Parse(kRequest);
  std::array<uint8_t, stun::kMaxResponse> response{};
  const size_t size = stun::WriteSuccess(response, *request, from, kPassword);
  REQUIRE(size > 24 && size <= response.size());
  REQUIRE_EQ(response[20] << 8 | response[21], 0x0020);
  return {response.begin() + 20, response.begin() + 24 + response[23]};
}

sora::Endpoint Ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port) {
  sora::Endpoint endpoint{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}, port};
  return endpoint;
}

}  // namespace

TEST(transport_stun_reads_the_request_of_rfc_5769) {
  const auto request = stun::Parse(kRequest);
  REQUIRE(request.has_value());
  REQUIRE_EQ(request->username, "evtj:h6vY");
  REQUIRE(request->controlled);
  REQUIRE(!request->use_candidate);
  REQUIRE(stun::Verify(kRequest, *request, kPassword));
  REQUIRE(!stun::Verify(kRequest, *request, "VOkJxbRl1RmTxUk/WvJxBu"));
}

TEST(transport_stun_writes_the_addresses_of_rfc_5769) {
  // Section 2.2: 192.0.2.1 port 32853.
  const Bytes ipv4 = {0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43};
  REQUIRE(MappedAddress(Ipv4(192, 0, 2, 1, 32'853)) == ipv4);
  // Section 2.3: 2001:db8:1234:5678:11:2233:4455:6677 port 32853.
  const Bytes ipv6 = {0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa,
                      0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9};
  const sora::Endpoint from{{0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77},
                            32'853};
  REQUIRE(MappedAddress(from) == ipv6);
}

TEST(transport_stun_answers_an_ipv4_address_on_an_ipv6_socket_as_ipv4) {
  // As the system gives it to a socket bound to "::".
  sockaddr_storage mapped{};
  auto& v6 = reinterpret_cast<sockaddr_in6&>(mapped);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(32'853);
  const sora::Endpoint ipv4 = Ipv4(192, 0, 2, 1, 32'853);
  std::memcpy(&v6.sin6_addr, ipv4.address.data(), 16);
  REQUIRE(sora::Endpoint::Of(mapped) == ipv4);
  const Bytes attribute = MappedAddress(sora::Endpoint::Of(mapped));
  REQUIRE_EQ(attribute.size(), 12);
  REQUIRE_EQ(attribute[5], 1);
  // And the answer goes back to where it came from.
  sockaddr_storage to{};
  REQUIRE_EQ(ipv4.To(AF_INET6, to), sizeof(sockaddr_in6));
  REQUIRE(std::memcmp(&reinterpret_cast<sockaddr_in6&>(to).sin6_addr, &v6.sin6_addr, 16) == 0);
}

TEST(transport_stun_accepts_no_changed_request) {
  REQUIRE(Accepted(kRequest));
  const Bytes plain = WithoutFingerprint(kRequest);
  REQUIRE(Accepted(plain));
  for (size_t at = 0; at < kRequest.size(); ++at) {
    for (int change = 1; change < 256; ++change) {
      Bytes data = kRequest;
      data[at] = static_cast<uint8_t>(data[at] ^ change);
      // FINGERPRINT that is called something else is not there, which is allowed.
      const bool renamed = at == plain.size() || at == plain.size() + 1;
      REQUIRE_EQ(Accepted(data), renamed);
      if (at >= plain.size()) continue;
      data = plain;
      data[at] = static_cast<uint8_t>(data[at] ^ change);
      REQUIRE(!Accepted(data));
    }
  }
}

TEST(transport_stun_accepts_no_part_of_a_request) {
  for (size_t size = 0; size < kRequest.size(); ++size) {
    Bytes data(kRequest.begin(), kRequest.begin() + static_cast<ptrdiff_t>(size));
    if (stun::IsStun(data)) REQUIRE(!stun::Parse(data));
    if (size < 20) continue;
    data[2] = 0;
    data[3] = static_cast<uint8_t>(size - 20);
    // Without FINGERPRINT it is whole.
    REQUIRE_EQ(Accepted(data), size == kRequest.size() - 8);
  }
}

TEST(transport_stun_ignores_what_stands_behind_the_integrity) {
  // USE-CANDIDATE that somebody on the way has added.
  Bytes data = WithoutFingerprint(kRequest);
  data.insert(data.end(), {0x00, 0x25, 0x00, 0x00});
  data[3] = static_cast<uint8_t>(data.size() - 20);
  const auto request = stun::Parse(data);
  REQUIRE(request && stun::Verify(data, *request, kPassword));
  REQUIRE(!request->use_candidate);
}

TEST(transport_stun_responses_are_read_by_the_client) {
  const test::Transaction transaction = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const Bytes check = test::WriteCheck(transaction, "server:client", kPassword);
  const auto request = stun::Parse(check);
  REQUIRE(request && stun::Verify(check, *request, kPassword));
  REQUIRE(request->use_candidate);
  std::array<uint8_t, stun::kMaxResponse> out{};
  const sora::Endpoint from = Ipv4(198, 51, 100, 7, 4000);
  size_t size = stun::WriteSuccess(out, *request, from, kPassword);
  const auto success = test::ParseCheckResponse(std::span(out).first(size), kPassword);
  REQUIRE(success && success->error == 0 && success->mapped == from && success->transaction == transaction);
  size = stun::WriteRoleConflict(out, *request, kPassword);
  const auto conflict = test::ParseCheckResponse(std::span(out).first(size), kPassword);
  REQUIRE(conflict && conflict->transaction == transaction);
  REQUIRE_EQ(conflict->error, 487);
  // No response is larger than the check that it answers can be.
  REQUIRE(size <= 20 + 4 + 20 + 24 + 8);
}
