#include "net/networks.h"

#include <vector>

#include "api/task_queue/pending_task_safety_flag.h"
#include "rtc_base/thread.h"

namespace sora {
namespace {

class OfConnection : public rtc::NetworkManager, public sigslot::has_slots<> {
 public:
  explicit OfConnection(Networks& all) : all_(all) {}
  ~OfConnection() override { active_->SetNotAlive(); }

  void StartUpdating() override {
    // Not in the constructor, which is on another thread than the signals.
    if (users_++ == 0) {
      all_.SignalNetworksChanged.connect(this, &OfConnection::OnChanged);
      all_.SignalError.connect(this, &OfConnection::OnError);
    }
    all_.StartUpdating();
    if (all_.reported()) rtc::Thread::Current()->PostTask(webrtc::SafeTask(active_, [this] { SignalNetworksChanged(); }));
  }
  void StopUpdating() override {
    if (--users_ == 0) {
      all_.SignalNetworksChanged.disconnect(this);
      all_.SignalError.disconnect(this);
    }
    all_.StopUpdating();
  }

  EnumerationPermission enumeration_permission() const override { return all_.enumeration_permission(); }
  std::vector<const rtc::Network*> GetNetworks() const override { return all_.GetNetworks(); }
  std::vector<const rtc::Network*> GetAnyAddressNetworks() override { return all_.GetAnyAddressNetworks(); }
  bool GetDefaultLocalAddress(int family, rtc::IPAddress* address) const override {
    return all_.GetDefaultLocalAddress(family, address);
  }
  webrtc::MdnsResponderInterface* GetMdnsResponder() const override { return all_.GetMdnsResponder(); }
  void DumpNetworks() override { all_.DumpNetworks(); }

 private:
  void OnChanged() { SignalNetworksChanged(); }
  void OnError() { SignalError(); }

  Networks& all_;
  int users_ = 0;
  const rtc::scoped_refptr<webrtc::PendingTaskSafetyFlag> active_ = webrtc::PendingTaskSafetyFlag::CreateDetached();
};

}  // namespace

std::unique_ptr<rtc::NetworkManager> Networks::ForConnection() { return std::make_unique<OfConnection>(*this); }

void Networks::StartUpdating() {
  if (users_++ > 0) return;
  SignalNetworksChanged.connect(this, &Networks::OnReported);
  BasicNetworkManager::StartUpdating();
}

void Networks::StopUpdating() {
  if (--users_ > 0) return;
  BasicNetworkManager::StopUpdating();
  SignalNetworksChanged.disconnect(this);
  reported_ = false;
}

}  // namespace sora
