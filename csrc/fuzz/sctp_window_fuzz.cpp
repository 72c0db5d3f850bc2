// The windows in packets of SCTP: any bytes, and how much is held.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "fuzz/sctp_packet.h"
#include "transport/sctp_window.h"

namespace {

using fuzz::Bytes;

// 4 bytes of what is held stand before the packet.
std::vector<Bytes> sctp_window_seeds() {
  const Bytes sack = fuzz::Chunk(fuzz::kSack, 0, {0, 0, 0, 1, 0, 16, 0, 0, 0, 1, 0, 1, 0, 2, 0, 3, 0, 0, 0, 9});
  const Bytes data = fuzz::Chunk(fuzz::kData, 3, {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 51, 'x'});
  std::vector<Bytes> seeds;
  for (const auto& chunks : std::vector<std::vector<Bytes>>{{sack}, {data, sack}, {data}, {}}) {
    Bytes seed = {0, 8, 0, 0};
    const Bytes packet = fuzz::Packet(7, chunks);
    seed.insert(seed.end(), packet.begin(), packet.end());
    seeds.push_back(std::move(seed));
  }
  return seeds;
}

}  // namespace

FUZZ_TARGET(sctp_window, 200'000, 1400) {
  fuzz::Script script(input);
  const uint32_t held = script.Number(4);
  const Bytes given(script.rest().begin(), script.rest().end());
  Bytes packet = given;
  fuzz::Reached(sora::sctp::HasData(packet));
  const auto window = sora::sctp::ShrinkWindow(packet, held);
  FUZZ_REQUIRE(packet.size() == given.size());
  const Bytes alone = sora::sctp::SackAlone(packet);
  FUZZ_REQUIRE(alone.empty() == !window);
  if (!window) {
    FUZZ_REQUIRE(packet == given);
    return;
  }
  if (held) FUZZ_REQUIRE(fuzz::HasTrueChecksum(packet));
  FUZZ_REQUIRE(sora::sctp::ShrinkWindow(packet, 0) == window);
  FUZZ_REQUIRE(alone.size() == 28 && std::ranges::equal(std::span(alone).first(8), std::span(given).first(8)));
  Bytes told = alone;
  sora::sctp::SetWindow(told, held);
  FUZZ_REQUIRE(fuzz::HasTrueChecksum(told));
  FUZZ_REQUIRE(sora::sctp::ShrinkWindow(told, 0) == held);
}
