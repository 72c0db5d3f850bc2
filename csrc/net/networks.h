// The networks of this machine, which connections share.
#ifndef SORA_NET_NETWORKS_H
#define SORA_NET_NETWORKS_H

#include <memory>

#include "rtc_base/network.h"
#include "rtc_base/third_party/sigslot/sigslot.h"

namespace sora {

// libwebrtc's own, which reports the networks to everybody again for each user that begins. A connection that still gathers
// candidates would open sockets for all of them once more each time: so each has the networks for itself.
class Networks : public rtc::BasicNetworkManager {
 public:
  using BasicNetworkManager::BasicNetworkManager;

  // For one connection: made on any thread, everything else is on the network thread. It must end before the networks.
  std::unique_ptr<rtc::NetworkManager> ForConnection();

  void StartUpdating() override;
  void StopUpdating() override;
  // Whether they are known, and reported to those who began before.
  bool reported() const { return reported_; }

 private:
  void OnReported() { reported_ = true; }

  int users_ = 0;
  bool reported_ = false;
};

}  // namespace sora

#endif
