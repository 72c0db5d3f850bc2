// Timers of a machine whose time is given from outside.
#ifndef SORA_TRANSPORT_TIMERS_H
#define SORA_TRANSPORT_TIMERS_H

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace sora {

// The running timers of one machine, each with a number of its owner's. There are a handful, and they start and stop with every
// other packet: a list without an order is faster than a sorted one. All times are milliseconds of a monotonic clock.
class Timers {
 public:
  void Start(int64_t due_ms, uint64_t id) { running_.push_back({due_ms, id}); }
  void Stop(uint64_t id) {
    std::erase_if(running_, [id](const Timer& timer) { return timer.id == id; });
  }

  std::optional<int64_t> Next() const {
    const auto first = First();
    return first == running_.end() ? std::nullopt : std::optional(first->due_ms);
  }

  // Takes the earliest timer that is due, if there is one.
  std::optional<uint64_t> TakeDue(int64_t now_ms) {
    const auto first = First();
    if (first == running_.end() || first->due_ms > now_ms) return std::nullopt;
    const uint64_t id = first->id;
    running_.erase(first);
    return id;
  }

 private:
  struct Timer {
    int64_t due_ms;
    uint64_t id;
  };
  std::vector<Timer>::const_iterator First() const { return std::ranges::min_element(running_, {}, &Timer::due_ms); }
  std::vector<Timer> running_;
};

}  // namespace sora

#endif
