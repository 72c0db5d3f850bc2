#include "load.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "clock.h"
#include "member.h"

namespace load {
namespace {

// Packets are paced and paths are delayed in steps of a millisecond; timers of DTLS and SCTP are not so exact.
constexpr int64_t kTickNs = kMillisecond;
constexpr int64_t kTimeoutTicks = 5;

void Report(const nlohmann::json& event) {
  const std::string line = event.dump() + "\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

double Quantile(std::vector<float>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<size_t>(share * static_cast<double>(sorted.size())))];
}

class Load {
 public:
  Load() {
    shared_.report = Report;
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    ticked_ = epoll_create1(EPOLL_CLOEXEC);
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    const itimerspec every{{0, kTickNs}, {0, kTickNs}};
    if (epoll_ < 0 || ticked_ < 0 || timer_ < 0 || timerfd_settime(timer_, 0, &every, nullptr) != 0)
      throw std::runtime_error("no timer");
    Watch(epoll_, timer_, kTimer);
    Watch(epoll_, STDIN_FILENO, kInput);
    Report({{"event", "ready"}, {"fingerprint", shared_.context.fingerprint()}});
  }

  int Run() {
    while (!ended_) Serve(epoll_, -1);
    return 0;
  }

 private:
  static constexpr uint64_t kTimer = 1ull << 32, kInput = 2ull << 32;

  // Serves what is ready; returns whether there may be more.
  bool Serve(int epoll, int timeout_ms) {
    constexpr int kReady = 256;
    epoll_event events[kReady];
    const int count = epoll_wait(epoll, events, kReady, timeout_ms);
    for (int i = 0; i < count; ++i) {
      const uint64_t what = events[i].data.u64;
      if (what == kTimer) {
        Tick();
      } else if (what == kInput) {
        ReadCommands();
      } else if (const auto found = members_.find(static_cast<uint32_t>(what)); found != members_.end()) {
        found->second->Receive();
      }
    }
    return count == kReady;
  }

  void Watch(int epoll, int descriptor, uint64_t what) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = what}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) throw std::runtime_error("epoll_ctl failed");
  }

  void Tick() {
    uint64_t expirations = 0;
    if (read(timer_, &expirations, sizeof expirations) < 0) return;
    while (Serve(ticked_, 0)) {
    }
    const int64_t now_ns = Now();
    const bool timeouts = ++ticks_ % kTimeoutTicks == 0;
    for (auto& [id, member] : members_) {
      member->Tick(now_ns);
      if (timeouts) member->HandleTimeouts(now_ns);
    }
  }

  void ReadCommands() {
    char buffer[64 * 1024];
    const ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
    if (size <= 0) {
      ended_ = true;
      return;
    }
    input_.append(buffer, static_cast<size_t>(size));
    size_t begin = 0;
    for (size_t end; (end = input_.find('\n', begin)) != std::string::npos; begin = end + 1)
      Execute(nlohmann::json::parse(input_.substr(begin, end - begin)));
    input_.erase(0, begin);
  }

  void Execute(const nlohmann::json& command) {
    const std::string what = command.at("do");
    if (what == "stats") return Stats(command.value("reset", false));
    const uint32_t id = command.at("id");
    if (what == "client") {
      members_[id] = std::make_unique<Member>(shared_, id, command);
      return Watch(epoll_, members_[id]->descriptor(), id);
    }
    Member& member = *members_.at(id);
    if (what == "publish") return member.Publish(command);
    if (what == "stream") return member.AddStream(command);
    if (what == "subscribe") {
      epoll_ctl(epoll_, EPOLL_CTL_DEL, member.descriptor(), nullptr);
      Watch(ticked_, member.descriptor(), id);
      return member.Subscribe(command);
    }
    if (what == "messages") return member.SendMessages(command);
    if (what == "stop") return member.Stop();
    if (what != "close") throw std::runtime_error("no such command: " + what);
    member.Close();
    members_.erase(id);
  }

  void Stats(bool reset) {
    Tally& tally = shared_.tally;
    std::ranges::sort(tally.delays_us);
    const double seconds = static_cast<double>(tally.last_ns - tally.first_ns) / 1e9;
    Report({{"event", "stats"},
            {"sent", tally.sent},
            {"received", tally.received},
            {"messagesSent", tally.messages_sent},
            {"messages", tally.messages},
            {"bytes", tally.bytes},
            {"messageSeconds", seconds},
            {"samples", tally.delays_us.size()},
            {"p50Us", Quantile(tally.delays_us, 0.5)},
            {"p95Us", Quantile(tally.delays_us, 0.95)},
            {"p99Us", Quantile(tally.delays_us, 0.99)},
            {"cpuMs", static_cast<double>(CpuTime()) / 1e6}});
    if (reset) tally = {};
  }

  Shared shared_;
  std::unordered_map<uint32_t, std::unique_ptr<Member>> members_;
  int epoll_ = -1;
  // Of those who receive video, looked at in each tick: the kernel tells when a packet came, and to wake this process for each
  // would cost the sender more than to send it, which no server pays for members that are elsewhere.
  int ticked_ = -1;
  int timer_ = -1;
  int64_t ticks_ = 0;
  std::string input_;
  bool ended_ = false;
};

}  // namespace

int Run() {
  Load load;
  return load.Run();
}

}  // namespace load
