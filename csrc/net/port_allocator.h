// libwebrtc's port allocator with our own sockets for UDP, and for TURN over TCP and TLS; everything else is libwebrtc's.
#ifndef SORA_NET_PORT_ALLOCATOR_H
#define SORA_NET_PORT_ALLOCATOR_H

#include <memory>

#include "net/networks.h"
#include "net/packet_sockets.h"
#include "net/settings.h"
#include "p2p/base/port_allocator.h"

namespace sora {

// The networks and the sockets must outlive the allocator, which must be destroyed on the network thread.
std::unique_ptr<cricket::PortAllocator> CreatePortAllocator(Networks& networks, PacketSockets& sockets,
                                                            NetworkSettings settings);

}  // namespace sora

#endif
