#include "net/ice_checks.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "api/make_ref_counted.h"
#include "p2p/base/basic_ice_controller.h"
#include "p2p/base/default_ice_transport_factory.h"
#include "p2p/base/ice_controller_factory_interface.h"
#include "p2p/base/p2p_transport_channel.h"
#include "rtc_base/time_utils.h"

namespace sora {
namespace {

// The times at which the paths of all connections are looked after together.
constexpr int64_t kLookMs = 256;

class IceController : public cricket::BasicIceController {
 public:
  explicit IceController(const cricket::IceControllerFactoryArgs& arguments)
      : BasicIceController(arguments), transport_state_(arguments.ice_transport_state_func) {}

  void SetIceConfig(const cricket::IceConfig& config) override {
    receiving_ms_ = config.receiving_timeout_or_default();
    reserve_check_ms_ = config.backup_connection_ping_interval_or_default();
    BasicIceController::SetIceConfig(config);
  }

  void SetSelectedConnection(const cricket::Connection* selected) override {
    selected_ = selected;
    BasicIceController::SetSelectedConnection(selected);
  }

  void OnConnectionDestroyed(const cricket::Connection* connection) override {
    if (connection == selected_) selected_ = nullptr;
    BasicIceController::OnConnectionDestroyed(connection);
  }

  PingResult SelectConnectionToPing(int64_t last_ping_sent_ms) override {
    const PingResult result = BasicIceController::SelectConnectionToPing(last_ping_sent_ms);
    const cricket::Connection* const next = result.connection.value_or(nullptr);
    const int64_t now = rtc::TimeMillis();
    if ((next && next != selected_) || !IsSettled(now)) return result;
    // A millisecond less, because the thread rounds up.
    const int64_t look = kLookMs - now % kLookMs - 1;
    const int64_t overdue = selected_->last_received() + receiving_ms_ + 1 - now;
    return {next, static_cast<int>(std::max<int64_t>(std::min(look, overdue), 1))};
  }

 private:
  // Whether the selected path works and no other one has to be checked.
  bool IsSettled(int64_t now) const {
    if (!selected_ || selected_->weak() || selected_->num_pings_sent() < cricket::MIN_PINGS_AT_WEAK_PING_INTERVAL)
      return false;
    const bool complete = transport_state_() == cricket::IceTransportState::STATE_COMPLETED;
    return absl::c_none_of(GetConnections(), [&](const cricket::Connection* other) {
      if (other == selected_ || !other->active() || other->state() == cricket::IceCandidatePairState::FAILED) return false;
      return !complete || other->rtt_samples() == 0 || now >= other->last_ping_response_received() + reserve_check_ms_;
    });
  }

  const std::function<cricket::IceTransportState()> transport_state_;
  const cricket::Connection* selected_ = nullptr;
  int receiving_ms_ = 0;
  int reserve_check_ms_ = 0;
};

class ControllerFactory : public cricket::IceControllerFactoryInterface {
 public:
  std::unique_ptr<cricket::IceControllerInterface> Create(const cricket::IceControllerFactoryArgs& arguments) override {
    return std::make_unique<IceController>(arguments);
  }
};

class TransportFactory : public webrtc::IceTransportFactory {
 public:
  rtc::scoped_refptr<webrtc::IceTransportInterface> CreateIceTransport(const std::string& name, int component,
                                                                       webrtc::IceTransportInit init) override {
    ControllerFactory controllers;
    init.set_ice_controller_factory(&controllers);
    return rtc::make_ref_counted<webrtc::DefaultIceTransport>(
        cricket::P2PTransportChannel::Create(name, component, std::move(init)));
  }
};

}  // namespace

std::unique_ptr<webrtc::IceTransportFactory> CreateIceTransportFactory() { return std::make_unique<TransportFactory>(); }

}  // namespace sora
