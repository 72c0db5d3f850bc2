// When libwebrtc looks after a connection's paths. Its own controller looks 10 to 20 times a second whether there is anything to
// do; on a path that works there is nothing before the next check is due or an answer is overdue. A path that carries no data is
// checked less often: nothing is lost while its end is not noticed.
#ifndef SORA_NET_ICE_CHECKS_H
#define SORA_NET_ICE_CHECKS_H

#include <memory>

#include "api/ice_transport_interface.h"
#include "net/ice_use.h"

namespace sora {

std::unique_ptr<webrtc::IceTransportFactory> CreateIceTransportFactory(std::shared_ptr<IceUse> use);

}  // namespace sora

#endif
