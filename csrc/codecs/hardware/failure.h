// The failure of a driver's function.
#ifndef SORA_CODECS_HARDWARE_FAILURE_H
#define SORA_CODECS_HARDWARE_FAILURE_H

#include <mutex>
#include <stdexcept>
#include <string>

namespace sora {

class HardwareFailure : public std::runtime_error {
 public:
  // Of one call, which may succeed the next time; lasting: the device is lost, or has no room for another encoder or decoder.
  enum class Kind { kPassing, kLasting };

  explicit HardwareFailure(const std::string& reason, Kind kind = Kind::kPassing) : std::runtime_error(reason), kind(kind) {}

  const Kind kind;
};

// The last reason for which an encoder or decoder of an engine gave up. Used by any thread.
class FailureReason {
 public:
  void Set(std::string reason) {
    std::lock_guard lock(mutex_);
    reason_ = std::move(reason);
  }
  std::string Get() const {
    std::lock_guard lock(mutex_);
    return reason_;
  }

 private:
  mutable std::mutex mutex_;
  std::string reason_;
};

}  // namespace sora

#endif
