// The commands of sora_udp_port_send, one copy of a packet after another.
#ifndef SORA_TRANSPORT_MEDIA_COMMANDS_H
#define SORA_TRANSPORT_MEDIA_COMMANDS_H

#include <cstdint>
#include <span>

namespace sora {

class MediaCommands {
 public:
  // Checks all of them; throws SORA_ERROR_INVALID_ARGUMENT.
  MediaCommands(std::span<const uint8_t> packets, std::span<const uint32_t> commands);

  // Goes to the first copy or the next; false when there is none.
  bool Next();

  uint32_t transport() const { return commands_[at_]; }
  bool rtcp() const { return rtcp_; }
  size_t size() const { return packet_.size(); }
  // Writes the packet with the header of this copy.
  void Write(uint8_t* to) const;

 private:
  // Reads the words of the next packet.
  void ReadPacket();

  const std::span<const uint8_t> packets_;
  const std::span<const uint32_t> commands_;
  size_t at_ = 0;      // of the copy at hand, or of the next packet
  uint32_t left_ = 0;  // copies of the packet, with the one at hand
  std::span<const uint8_t> packet_;
  bool rtcp_ = false;
};

}  // namespace sora

#endif
