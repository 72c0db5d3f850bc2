#include "transport/media_commands.h"

#include <algorithm>
#include <cstring>

#include "core/object.h"
#include "core/result.h"
#include "sora_ffi/transport.h"
#include "transport/media_queue.h"
#include "transport/network_order.h"
#include "transport/transport.h"

namespace sora {
namespace {

// Numbers of a packet, and of a transport that it goes to.
constexpr size_t kPacket = 3, kTarget = 5;

}  // namespace

MediaCommands::MediaCommands(std::span<const uint8_t> packets, std::span<const uint32_t> commands)
    : packets_(packets), commands_(commands) {
  size_t packet_count = 0;
  copies_.reserve(commands.size() / kTarget);
  for (size_t at = 0; at < commands.size();) {
    Require(commands.size() - at >= kPacket, "commands ends inside of a packet");
    const uint32_t offset = commands[at], size = commands[at + 1] & ~kRtcpFlag, targets = commands[at + 2];
    const bool rtcp = commands[at + 1] & kRtcpFlag;
    const auto packet = static_cast<uint32_t>(at);
    ++packet_count;
    at += kPacket;
    Require(targets <= (commands.size() - at) / kTarget, "commands ends inside of the transports of a packet");
    Require(size >= (rtcp ? Transport::kRtcpHeader : Transport::kRtpHeader), "a packet is shorter than its header");
    Require(size <= Transport::kMaxMedia - Transport::kMaxTrailer, "a packet is larger than 2,016 bytes");
    Require(offset <= packets.size() && size <= packets.size() - offset, "a packet is beyond packets");
    for (uint32_t i = 0; i < targets; ++i, at += kTarget) {
      const uint32_t number_at = commands[at + 4] >> 16;
      Require(rtcp || number_at == 0 || (number_at >= Transport::kRtpHeader && number_at + 2 <= size),
              "a transport-wide sequence number is outside of its packet");
      // Transports with neighboring slots have the same socket.
      copies_.push_back({uint64_t{SlotOf(commands[at])} << 32 | copies_.size(), packet, static_cast<uint32_t>(at)});
    }
  }
  if (packet_count > 1) std::ranges::sort(copies_, {}, &Copy::order);
}

bool MediaCommands::rtcp() const { return flagged_size() & kRtcpFlag; }

Downlink::Kind MediaCommands::kind() const {
  return commands_[copies_[at_].target + 4] & SORA_MEDIA_AUDIO ? Downlink::Kind::kAudio : Downlink::Kind::kVideo;
}

size_t MediaCommands::size() const { return flagged_size() & ~kRtcpFlag; }

void MediaCommands::Write(uint8_t* to) const {
  std::memcpy(to, &packets_[commands_[copies_[at_].packet]], size());
  if (rtcp()) return;
  const std::span<const uint32_t> target = commands_.subspan(copies_[at_].target, kTarget);
  Write32(to + 8, target[1]);
  Write16(to + 2, target[2]);
  Write32(to + 4, target[3]);
}

}  // namespace sora
