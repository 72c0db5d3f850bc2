#include "net/network_monitor.h"

#include <errno.h>
#include <string.h>

#include "api/task_queue/pending_task_safety_flag.h"
#include "api/units/time_delta.h"
#include "os/network_changes.h"
#include "rtc_base/logging.h"
#include "rtc_base/network.h"
#include "rtc_base/network_monitor.h"
#include "rtc_base/thread.h"

// Debian's libwebrtc lacks these; weak, so that those of another are taken.
namespace rtc {
__attribute__((weak)) NetworkMonitorFactory::NetworkMonitorFactory() = default;
__attribute__((weak)) NetworkMonitorFactory::~NetworkMonitorFactory() = default;
}  // namespace rtc

namespace sora {
namespace {

// A change comes in several messages; the addresses are read once after all of them.
constexpr auto kSettled = webrtc::TimeDelta::Millis(50);

// Lives on the network thread.
class NetworkMonitor : public rtc::NetworkMonitorInterface, public rtc::Dispatcher {
 public:
  explicit NetworkMonitor(rtc::PhysicalSocketServer& sockets) : sockets_(sockets) {}
  ~NetworkMonitor() override { Stop(); }

  void Start() override {
    if (descriptor_ >= 0) return;
    descriptor_ = OpenNetworkChanges();
    if (descriptor_ < 0) {
      // Sandboxes refuse it; libwebrtc still polls every two seconds.
      RTC_LOG(LS_WARNING) << "Changes of addresses are noticed after up to two seconds: " << strerror(errno);
      return;
    }
    started_ = webrtc::PendingTaskSafetyFlag::Create();
    sockets_.Add(this);
  }

  void Stop() override {
    if (descriptor_ < 0) return;
    sockets_.Remove(this);
    CloseNetworkChanges(descriptor_);
    descriptor_ = -1;
    started_->SetNotAlive();
    settling_ = false;
  }

  InterfaceInfo GetInterfaceInfo(absl::string_view name) override {
    return {.adapter_type = rtc::GetAdapterTypeFromName(name)};
  }

  uint32_t GetRequestedEvents() override { return rtc::DE_READ; }
  int GetDescriptor() override { return descriptor_; }
  bool IsDescriptorClosed() override { return false; }

  void OnEvent(uint32_t, int) override {
    if (!ReadNetworkChanges(descriptor_) || settling_) return;
    settling_ = true;
    rtc::Thread::Current()->PostDelayedTask(webrtc::SafeTask(started_,
                                                             [this] {
                                                               settling_ = false;
                                                               InvokeNetworksChangedCallback();
                                                             }),
                                            kSettled);
  }

 private:
  rtc::PhysicalSocketServer& sockets_;
  int descriptor_ = -1;
  bool settling_ = false;
  rtc::scoped_refptr<webrtc::PendingTaskSafetyFlag> started_;
};

class Factory : public rtc::NetworkMonitorFactory {
 public:
  explicit Factory(rtc::PhysicalSocketServer& sockets) : sockets_(sockets) {}

  rtc::NetworkMonitorInterface* CreateNetworkMonitor(const webrtc::FieldTrialsView&) override {
    return new NetworkMonitor(sockets_);
  }

 private:
  rtc::PhysicalSocketServer& sockets_;
};

}  // namespace

std::unique_ptr<rtc::NetworkMonitorFactory> CreateNetworkMonitorFactory(rtc::PhysicalSocketServer& sockets) {
  return std::make_unique<Factory>(sockets);
}

}  // namespace sora
