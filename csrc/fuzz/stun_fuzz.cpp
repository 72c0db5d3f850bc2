// STUN: a datagram, as a UDP port judges it.
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

#include <cstring>
#include <string>

#include "fuzz/fuzz.h"
#include "fuzz/world.h"
#include "tests/transport/client_stun.h"
#include "transport/ice_lite.h"
#include "transport/stun.h"

namespace {

using fuzz::Bytes;

constexpr char kUfrag[] = "remote";

sora::Endpoint From(bool ipv4, uint8_t last) {
  sora::Endpoint from{.address = {0x20, 0x01, 0x0d, 0xb8}, .port = 50'000};
  if (ipv4) from.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
  from.address[15] = last;
  return from;
}

// An agent as each run finds it: its credentials are the same every time.
sora::IceLite Agent() {
  fuzz::BeginWorld();
  sora::IceLite agent;
  agent.SetRemoteUfrag(kUfrag);
  return agent;
}

uint32_t Read16(const uint8_t* at) { return static_cast<uint32_t>(at[0] << 8 | at[1]); }
void Write16(uint8_t* at, size_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}

// Makes true what no mutation finds: the length, MESSAGE-INTEGRITY and FINGERPRINT, where there is room for them.
void Repair(Bytes& data, std::string_view password) {
  if (data.size() < 20) return;
  Write16(&data[2], data.size() - 20);
  for (size_t at = 20; at + 4 <= data.size(); at += 4 + (Read16(&data[at + 2]) + 3) / 4 * 4) {
    uint8_t* const value = &data[at] + 4;
    const uint32_t type = Read16(&data[at]);
    if (type == 0x0008 && at + 24 <= data.size()) {
      Write16(&data[2], at + 24 - 20);
      unsigned size = 0;
      HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), data.data(), at, value, &size);
      Write16(&data[2], data.size() - 20);
    } else if (type == 0x8028 && at + 8 <= data.size()) {
      const uint32_t crc = static_cast<uint32_t>(crc32(0, data.data(), static_cast<uInt>(at))) ^ 0x5354554e;
      Write16(value, crc >> 16);
      Write16(value + 2, crc & 0xffff);
    }
  }
}

// Two bytes of choices stand before the datagram.
std::vector<Bytes> stun_seeds() {
  const sora::IceLite agent = Agent();
  std::vector<Bytes> seeds;
  const auto add = [&](const std::string& username, const test::CheckOptions& options) {
    Bytes seed = {1, 1};
    const Bytes check = test::WriteCheck({}, username, agent.password(), options);
    seed.insert(seed.end(), check.begin(), check.end());
    seeds.push_back(std::move(seed));
  };
  add(agent.ufrag() + ":" + kUfrag, {});
  add(agent.ufrag() + ":" + kUfrag, {.use_candidate = false});
  add(agent.ufrag() + ":" + kUfrag, {.controlling = false});
  add(agent.ufrag() + ":other", {});
  add("other", {});
  return seeds;
}

}  // namespace

FUZZ_TARGET(stun, 60'000, 1400) {
  fuzz::Script script(input);
  const uint8_t choices = script.Byte(), last = script.Byte();
  Bytes data(script.rest().begin(), script.rest().end());
  sora::IceLite agent = Agent();
  if (choices & 1) Repair(data, agent.password());
  if (!sora::stun::IsStun(data)) return;
  const auto request = sora::stun::Parse(data);
  if (!request) return;
  FUZZ_REQUIRE(request->integrity >= 20 && request->integrity + 24 <= data.size());
  FUZZ_REQUIRE(!request->username.empty());
  const sora::Endpoint from = From(choices & 2, last);
  const auto check = agent.Judge(data, *request);
  if (check == sora::IceLite::Check::kRefused) return;
  const bool accepted = check == sora::IceLite::Check::kAccepted;
  if (accepted) {
    FUZZ_REQUIRE(!agent.Remember(from, request->use_candidate));
    FUZZ_REQUIRE(agent.IsPeer(from) && agent.selected() == from);
  }
  std::array<uint8_t, sora::stun::kMaxResponse> response;
  const size_t size = accepted ? sora::stun::WriteSuccess(response, *request, from, agent.password())
                               : sora::stun::WriteRoleConflict(response, *request, agent.password());
  FUZZ_REQUIRE(size <= response.size());
  const auto seen = test::ParseCheckResponse(std::span(response).first(size), agent.password());
  FUZZ_REQUIRE(seen.has_value());
  FUZZ_REQUIRE(std::memcmp(seen->transaction.data(), request->transaction.data(), 12) == 0);
  FUZZ_REQUIRE(accepted ? seen->mapped == from : seen->error == 487);
}
