// The commands of sora_udp_port_send as the copies of packets that they ask for.
#ifndef SORA_TRANSPORT_MEDIA_COMMANDS_H
#define SORA_TRANSPORT_MEDIA_COMMANDS_H

#include <cstdint>
#include <span>
#include <vector>

#include "transport/downlink.h"

namespace sora {

// One copy after another, all those of a transport in turn: several datagrams for one address are sent at once.
class MediaCommands {
 public:
  // Checks all of them; throws SORA_ERROR_INVALID_ARGUMENT.
  MediaCommands(std::span<const uint8_t> packets, std::span<const uint32_t> commands);

  // Goes to the first copy or the next; false when there is none.
  bool Next() { return ++at_ < copies_.size(); }

  uint32_t transport() const { return commands_[copies_[at_].target]; }
  bool rtcp() const;
  size_t size() const;
  // Of RTP: where its transport-wide sequence number goes, 0: nowhere; and what it is.
  size_t number_at() const { return commands_[copies_[at_].target + 4] >> 16; }
  Downlink::Kind kind() const;
  // Writes the packet with the header of this copy.
  void Write(uint8_t* to) const;

 private:
  // Where in the commands a packet and one of the transports that it goes to are.
  struct Copy {
    uint64_t order;
    uint32_t packet;
    uint32_t target;
  };
  uint32_t flagged_size() const { return commands_[copies_[at_].packet + 1]; }

  const std::span<const uint8_t> packets_;
  const std::span<const uint32_t> commands_;
  std::vector<Copy> copies_;
  size_t at_ = SIZE_MAX;
};

}  // namespace sora

#endif
