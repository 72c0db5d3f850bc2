// Networks that connections share: whom they are reported to, and how often.
#include "net/networks.h"

#include <memory>
#include <vector>

#include "../harness/harness.h"
#include "core/field_trials.h"
#include "rtc_base/physical_socket_server.h"
#include "rtc_base/thread.h"

namespace {

// A user of networks, as a session that gathers candidates is one.
class User : public sigslot::has_slots<> {
 public:
  explicit User(sora::Networks& all) : networks_(all.ForConnection()) {
    networks_->SignalNetworksChanged.connect(this, &User::OnChanged);
    networks_->StartUpdating();
  }
  ~User() override { networks_->StopUpdating(); }

  int reports() const { return reports_; }
  size_t count() const { return networks_->GetNetworks().size(); }

 private:
  void OnChanged() { ++reports_; }

  const std::unique_ptr<rtc::NetworkManager> networks_;
  int reports_ = 0;
};

// Runs what is posted on this thread until a condition holds; false when it does not within 10 s.
template <typename Condition>
bool Until(const Condition& condition) {
  for (int turn = 0; turn < 1000 && !condition(); ++turn) rtc::Thread::Current()->ProcessMessages(10);
  return condition();
}

}  // namespace

TEST(networks_are_reported_to_a_connection_once_however_many_begin_after_it) {
  rtc::PhysicalSocketServer sockets;
  rtc::AutoSocketServerThread thread(&sockets);
  const sora::FieldTrials trials;
  sora::Networks networks(&sockets, &trials);
  const User first(networks);
  REQUIRE(Until([&] { return first.reports() > 0; }));
  REQUIRE(first.count() > 0);
  std::vector<std::unique_ptr<User>> others;
  for (int i = 0; i < 5; ++i) {
    others.push_back(std::make_unique<User>(networks));
    REQUIRE(Until([&] { return others.back()->reports() > 0; }));
    REQUIRE_EQ(others.back()->count(), first.count());
  }
  REQUIRE_EQ(first.reports(), 1);
  for (const auto& other : others) REQUIRE_EQ(other->reports(), 1);
}

TEST(networks_are_reported_again_after_the_last_connection_has_ended) {
  rtc::PhysicalSocketServer sockets;
  rtc::AutoSocketServerThread thread(&sockets);
  const sora::FieldTrials trials;
  sora::Networks networks(&sockets, &trials);
  for (int i = 0; i < 3; ++i) {
    const User user(networks);
    REQUIRE(Until([&] { return user.reports() > 0; }));
  }
}

TEST(networks_are_not_reported_to_a_connection_that_ended_before) {
  rtc::PhysicalSocketServer sockets;
  rtc::AutoSocketServerThread thread(&sockets);
  const sora::FieldTrials trials;
  sora::Networks networks(&sockets, &trials);
  const User first(networks);
  REQUIRE(Until([&] { return first.reports() > 0; }));
  {
    const User ended(networks);
  }
  const User last(networks);
  REQUIRE(Until([&] { return last.reports() > 0; }));
}

TEST(networks_know_a_connection_only_while_it_uses_them) {
  rtc::PhysicalSocketServer sockets;
  rtc::AutoSocketServerThread thread(&sockets);
  const sora::FieldTrials trials;
  sora::Networks networks(&sockets, &trials);
  // It is made on another thread than the one that reports.
  const auto connection = networks.ForConnection();
  REQUIRE(networks.SignalNetworksChanged.is_empty() && networks.SignalError.is_empty());
  connection->StartUpdating();
  REQUIRE(!networks.SignalNetworksChanged.is_empty() && !networks.SignalError.is_empty());
  connection->StopUpdating();
  REQUIRE(networks.SignalNetworksChanged.is_empty() && networks.SignalError.is_empty());
}
