// Packets of video that leave no faster than the path may carry them.
#ifndef SORA_TRANSPORT_PACER_H
#define SORA_TRANSPORT_PACER_H

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sora {

// Below its rate it does nothing but count. What is beyond waits, but not for long: a stream that is larger than the path for good
// is nothing that waiting helps, so the rate grows with what waits.
class Pacer {
 public:
  // Longest time that a packet waits for those before it.
  static constexpr int64_t kLongestUs = 250'000;
  static constexpr size_t kMostBytes = 512 * 1024;

  // What one may send from now on, in bit/s; without it nothing waits.
  void SetRate(int64_t bits_per_second) { rate_ = bits_per_second; }

  // Whether somebody chooses what is sent by what the path may carry. Where nobody does, the rate is also that of what is offered:
  // then only bursts wait, frames that are larger than others.
  void SetChosen(bool chosen) { chosen_ = chosen; }

  // A packet is there to be sent, whether it can leave or not.
  void Offer(size_t bytes, int64_t now_us);
  // Whether a packet can leave now.
  bool free(int64_t now_us);
  // Bytes have left, whether they had to wait or not.
  void Spend(size_t bytes) { debt_ += static_cast<double>(bytes); }
  // Lets a packet wait, behind those that do; false when too many wait. mark: any number of its owner's.
  bool Hold(std::span<const uint8_t> packet, uint32_t mark, int64_t now_us);

  struct Held {
    std::span<const uint8_t> packet;
    uint32_t mark;
  };
  // The next packet that may leave now, valid until the next call.
  std::optional<Held> Take(int64_t now_us);
  // When the next one may leave.
  std::optional<int64_t> NextUs() const { return empty() ? std::nullopt : std::optional(due_us_); }

  size_t waiting_bytes() const { return records_.size() - read_; }

 private:
  bool empty() const { return read_ == records_.size(); }
  // Bytes in a microsecond.
  double Speed() const;
  // Bytes that may leave at once.
  double Burst() const;
  void PayOff(int64_t now_us);
  // When enough of the debt will be paid off.
  int64_t PaidUs(int64_t now_us) const;

  int64_t rate_ = 0;
  bool chosen_ = false;
  double offered_ = 0;     // bytes of the last while, older ones in part
  double counted_us_ = 0;  // the part of that while that has passed
  int64_t offered_us_ = 0;
  double debt_ = 0;  // bytes that left and whose time has not passed
  int64_t paid_us_ = 0;
  int64_t due_us_ = 0;
  std::vector<uint8_t> records_;
  size_t read_ = 0;
};

}  // namespace sora

#endif
