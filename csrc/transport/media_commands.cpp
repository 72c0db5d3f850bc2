#include "transport/media_commands.h"

#include <cstring>

#include "core/result.h"
#include "transport/media_queue.h"
#include "transport/transport.h"

namespace sora {
namespace {

// Numbers of a packet, and of a transport that it goes to.
constexpr size_t kPacket = 3, kTarget = 5;

void Write16(uint8_t* at, uint32_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}
void Write32(uint8_t* at, uint32_t value) {
  Write16(at, value >> 16);
  Write16(at + 2, value);
}

}  // namespace

MediaCommands::MediaCommands(std::span<const uint8_t> packets, std::span<const uint32_t> commands)
    : packets_(packets), commands_(commands) {
  for (size_t at = 0; at < commands.size();) {
    Require(commands.size() - at >= kPacket, "commands ends inside of a packet");
    const uint32_t offset = commands[at], size = commands[at + 1] & ~kRtcpFlag, targets = commands[at + 2];
    const bool rtcp = commands[at + 1] & kRtcpFlag;
    at += kPacket;
    Require(targets <= (commands.size() - at) / kTarget, "commands ends inside of the transports of a packet");
    Require(size >= (rtcp ? Transport::kRtcpHeader : Transport::kRtpHeader), "a packet is shorter than its header");
    Require(size <= Transport::kMaxMedia - Transport::kMaxTrailer, "a packet is larger than 2,016 bytes");
    Require(offset <= packets.size() && size <= packets.size() - offset, "a packet is beyond packets");
    for (uint32_t i = 0; i < targets; ++i, at += kTarget) {
      const uint32_t number_at = commands[at + 4] >> 16;
      Require(rtcp || number_at == 0 || number_at + 2 <= size, "a transport-wide sequence number is beyond its packet");
    }
  }
}

void MediaCommands::ReadPacket() {
  packet_ = packets_.subspan(commands_[at_], commands_[at_ + 1] & ~kRtcpFlag);
  rtcp_ = commands_[at_ + 1] & kRtcpFlag;
  left_ = commands_[at_ + 2];
  at_ += kPacket;
}

bool MediaCommands::Next() {
  if (left_ > 0) {
    --left_;
    at_ += kTarget;
  }
  while (left_ == 0) {
    if (at_ == commands_.size()) return false;
    ReadPacket();
  }
  return true;
}

void MediaCommands::Write(uint8_t* to) const {
  std::memcpy(to, packet_.data(), packet_.size());
  if (rtcp_) return;
  Write32(to + 8, commands_[at_ + 1]);
  Write16(to + 2, commands_[at_ + 2]);
  Write32(to + 4, commands_[at_ + 3]);
  const uint32_t number_at = commands_[at_ + 4] >> 16;
  if (number_at) Write16(to + number_at, commands_[at_ + 4] & 0xffff);
}

}  // namespace sora
