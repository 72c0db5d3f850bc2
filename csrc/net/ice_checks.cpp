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

// The times at which the paths of all connections are looked after together: those that carry data, and the others.
constexpr int64_t kLookMs = 256, kQuietLookMs = 512;

// A path counts as quiet so long after its last data, or after another path was found.
constexpr int64_t kQuietMs = 2000;
// How often a quiet one is checked, as libwebrtc does by itself (RFC 7675, section 5.1, allows 5 s), and after how long without an
// answer it no longer counts as working.
constexpr int64_t kQuietCheckMs = 2000;
constexpr int kQuietReceivingMs = 4500;

class IceController : public cricket::BasicIceController {
 public:
  IceController(const cricket::IceControllerFactoryArgs& arguments, std::shared_ptr<IceUse> use)
      : BasicIceController(arguments), transport_state_(arguments.ice_transport_state_func), use_(std::move(use)) {}

  // The channel that it is made for, which owns it.
  void SetChannel(const cricket::P2PTransportChannel& channel) { channel_ = &channel; }

  void SetIceConfig(const cricket::IceConfig& config) override {
    receiving_ms_ = config.receiving_timeout_or_default();
    reserve_check_ms_ = config.backup_connection_ping_interval_or_default();
    BasicIceController::SetIceConfig(config);
  }

  void AddConnection(const cricket::Connection* connection) override {
    changed_ms_ = rtc::TimeMillis();
    CountCandidates();
    BasicIceController::AddConnection(connection);
  }

  void SetSelectedConnection(const cricket::Connection* selected) override {
    if (selected != selected_) quiet_ = false;
    selected_ = selected;
    BasicIceController::SetSelectedConnection(selected);
  }

  void OnConnectionDestroyed(const cricket::Connection* connection) override {
    if (connection == selected_) selected_ = nullptr;
    BasicIceController::OnConnectionDestroyed(connection);
  }

  PingResult SelectConnectionToPing(int64_t last_ping_sent_ms) override {
    // Candidates that none of our own fits make no path.
    CountCandidates();
    const PingResult result = BasicIceController::SelectConnectionToPing(last_ping_sent_ms);
    const cricket::Connection* next = result.connection.value_or(nullptr);
    const int64_t now = rtc::TimeMillis();
    if (selected_ && channel_) Watch(now);
    if ((next && next != selected_) || !IsSettled(now)) return result;
    if (quiet_ && now < selected_->last_ping_sent() + kQuietCheckMs) next = nullptr;
    // A millisecond less, because the thread rounds up.
    const int64_t every = quiet_ ? kQuietLookMs : kLookMs;
    const int64_t look = every - now % every - 1;
    const int64_t overdue = selected_->last_received() + selected_->receiving_timeout() + 1 - now;
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

  void CountCandidates() {
    if (channel_) use_->OnCandidates(channel_->remote_candidates().size());
  }

  // Finds out whether the selected path is quiet, and with it how long it may be without an answer.
  void Watch(int64_t now) {
    const int64_t busy = std::max({selected_->last_send_data(), selected_->last_data_received(), changed_ms_});
    const bool was_quiet = std::exchange(quiet_, now >= busy + kQuietMs);
    const int silent_ms = static_cast<int>(std::min<int64_t>(now - selected_->last_received(), kQuietReceivingMs));
    int timeout_ms = selected_->receiving_timeout();
    if (quiet_) {
      timeout_ms = std::max(kQuietReceivingMs, receiving_ms_);
    } else if (was_quiet) {
      timeout_ms = std::max(silent_ms, 0) + receiving_ms_;  // the answer to the check that it is due for now
    } else if (silent_ms < receiving_ms_ / 2) {
      timeout_ms = receiving_ms_;
    }
    if (timeout_ms == selected_->receiving_timeout()) return;
    for (cricket::Connection* const path : channel_->connections())
      if (path == selected_) path->set_receiving_timeout(timeout_ms);
  }

  const std::function<cricket::IceTransportState()> transport_state_;
  const std::shared_ptr<IceUse> use_;
  const cricket::P2PTransportChannel* channel_ = nullptr;
  const cricket::Connection* selected_ = nullptr;
  int receiving_ms_ = 0;
  int reserve_check_ms_ = 0;
  bool quiet_ = false;
  int64_t changed_ms_ = 0;
};

class ControllerFactory : public cricket::IceControllerFactoryInterface {
 public:
  explicit ControllerFactory(std::shared_ptr<IceUse> use) : use_(std::move(use)) {}

  std::unique_ptr<cricket::IceControllerInterface> Create(const cricket::IceControllerFactoryArgs& arguments) override {
    auto controller = std::make_unique<IceController>(arguments, use_);
    made = controller.get();
    return controller;
  }

  IceController* made = nullptr;

 private:
  const std::shared_ptr<IceUse> use_;
};

class TransportFactory : public webrtc::IceTransportFactory {
 public:
  explicit TransportFactory(std::shared_ptr<IceUse> use) : use_(std::move(use)) {}

  rtc::scoped_refptr<webrtc::IceTransportInterface> CreateIceTransport(const std::string& name, int component,
                                                                       webrtc::IceTransportInit init) override {
    ControllerFactory controllers(use_);
    init.set_ice_controller_factory(&controllers);
    auto channel = cricket::P2PTransportChannel::Create(name, component, std::move(init));
    if (controllers.made) controllers.made->SetChannel(*channel);
    return rtc::make_ref_counted<webrtc::DefaultIceTransport>(std::move(channel));
  }

 private:
  const std::shared_ptr<IceUse> use_;
};

}  // namespace

std::unique_ptr<webrtc::IceTransportFactory> CreateIceTransportFactory(std::shared_ptr<IceUse> use) {
  return std::make_unique<TransportFactory>(std::move(use));
}

}  // namespace sora
