// When each of many machines wants to be called next.
#ifndef SORA_TRANSPORT_SCHEDULE_H
#define SORA_TRANSPORT_SCHEDULE_H

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <utility>

namespace sora {

// Times are milliseconds of a monotonic clock. An entry may be earlier than its machine wants by now: timers that move back with
// every packet would otherwise be sorted anew each time. The owner asks the machine when an entry is due.
template <typename Machine>
class Schedule {
 public:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  // `entry` is the machine's place here, kept by it and kNever at first.
  void Add(Machine* machine, int64_t& entry, std::optional<int64_t> due_ms) {
    if (!due_ms || *due_ms >= entry) return;
    Remove(machine, entry);
    due_.emplace(entry = *due_ms, machine);
  }
  void Remove(Machine* machine, int64_t& entry) {
    if (entry != kNever) due_.erase({entry, machine});
    entry = kNever;
  }

  // When the first is due; kNever without one.
  int64_t next_ms() const { return due_.empty() ? kNever : due_.begin()->first; }
  // The first machine, if it is due. It stays until its owner removes it.
  Machine* Due(int64_t now_ms) const { return next_ms() <= now_ms ? due_.begin()->second : nullptr; }

 private:
  std::set<std::pair<int64_t, Machine*>> due_;
};

}  // namespace sora

#endif
