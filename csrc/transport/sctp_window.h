// The receiver window that an SCTP packet tells (RFC 9260, section 3.3.4), made smaller.
#ifndef SORA_TRANSPORT_SCTP_WINDOW_H
#define SORA_TRANSPORT_SCTP_WINDOW_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sora::sctp {

// Whether a packet carries user data (DATA, I-DATA).
bool HasData(std::span<const uint8_t> packet);

// The window that a packet's SACK tells; nothing without one.
std::optional<uint32_t> Window(std::span<const uint8_t> packet);

// Takes `held` bytes off the window of a packet's SACK and sets its checksum anew. Returns the window that it tells now, or
// nothing when the packet has no SACK or is no packet.
std::optional<uint32_t> ShrinkWindow(std::span<uint8_t> packet, size_t held);

// The packet's SACK alone in a packet of its own, without its gap blocks, telling this window; empty when it has none.
std::vector<uint8_t> SackAlone(std::span<const uint8_t> packet);

// Sets the window of a packet that SackAlone made.
void SetWindow(std::span<uint8_t> sack, uint32_t window);

}  // namespace sora::sctp

#endif
