// Changes of this machine's addresses, as the kernel reports them.
#ifndef SORA_NET_NETWORK_MONITOR_H
#define SORA_NET_NETWORK_MONITOR_H

#include <memory>

#include "rtc_base/network_monitor_factory.h"
#include "rtc_base/physical_socket_server.h"

namespace sora {

// Makes monitors for the network thread that waits on this socket server. libwebrtc alone polls the addresses every two seconds.
std::unique_ptr<rtc::NetworkMonitorFactory> CreateNetworkMonitorFactory(rtc::PhysicalSocketServer& sockets);

}  // namespace sora

#endif
