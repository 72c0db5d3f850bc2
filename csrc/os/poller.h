// Descriptors of which a thread waits for the next that can be read.
#ifndef SORA_OS_POLLER_H
#define SORA_OS_POLLER_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sora {

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Whether the process had the descriptors that the poller itself needs.
  bool open() const { return poll_ >= 0; }
  // Watches a descriptor until it is closed; false when the system watches no further one. UINT32_MAX is no number.
  bool Add(int descriptor, uint32_t number);
  // Waits for so long at most; returns the numbers of those that can be read, until the next call.
  std::span<const uint32_t> Wait(int timeout_ms);
  // Ends the wait of another thread, or else the next one.
  void Wake();

 private:
  int poll_ = -1;
  [[maybe_unused]] int wake_ = -1;  // where waking takes a descriptor of its own
  static constexpr int kReady = 64;
  std::array<uint32_t, kReady> ready_;
};

}  // namespace sora

#endif
