#include "transport/pacer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace sora {
namespace {

// What may leave at once: a frame of usual size does, as far as the receiver's queue is concerned. The longer time is that of
// libwebrtc's pacer, for what nobody chooses.
constexpr double kBurstUs = 20'000, kLongBurstUs = 40'000;

// The while over which it is counted what is offered, at first a shorter one, and how much faster than that packets leave at least.
constexpr double kOfferedUs = 500'000, kFirstOfferedUs = 250'000, kOfOffered = 2;

// Least time until what waits is looked at again: some packets leave together then.
constexpr int64_t kStepUs = 2'000;

constexpr size_t kPacedHeader = 8;

}  // namespace

double Pacer::Speed() const {
  const double waiting = static_cast<double>(waiting_bytes()) / static_cast<double>(kLongestUs);
  const double offered = chosen_ ? 0 : kOfOffered * offered_ / std::max(counted_us_, kFirstOfferedUs);
  return std::max({static_cast<double>(rate_) / 8e6, offered, waiting});
}

double Pacer::Burst() const { return Speed() * (chosen_ ? kBurstUs : kLongBurstUs); }

void Pacer::Offer(size_t bytes, int64_t now_us) {
  const double passed = static_cast<double>(std::max<int64_t>(now_us - offered_us_, 0));
  const bool anew = passed >= kOfferedUs;
  counted_us_ = anew ? 0 : std::min(counted_us_ + passed, kOfferedUs);
  offered_ = (anew ? 0 : offered_ * (1 - passed / kOfferedUs)) + static_cast<double>(bytes);
  offered_us_ = now_us;
}

void Pacer::PayOff(int64_t now_us) {
  if (now_us <= paid_us_) return;
  debt_ = std::max(0.0, debt_ - Speed() * static_cast<double>(now_us - paid_us_));
  paid_us_ = now_us;
}

bool Pacer::free(int64_t now_us) {
  if (rate_ == 0) return true;
  PayOff(now_us);
  return empty() && debt_ <= Burst();
}

bool Pacer::Hold(std::span<const uint8_t> packet, uint32_t mark, int64_t now_us) {
  if (waiting_bytes() + packet.size() > kMostBytes) return false;
  if (read_ > kMostBytes) {  // what has left is not kept for ever
    records_.erase(records_.begin(), records_.begin() + static_cast<ptrdiff_t>(read_));
    read_ = 0;
  }
  if (empty()) due_us_ = PaidUs(now_us);
  const uint32_t head[2] = {static_cast<uint32_t>(packet.size()), mark};
  const size_t at = records_.size();
  records_.resize(at + kPacedHeader + packet.size());
  std::memcpy(&records_[at], head, kPacedHeader);
  std::memcpy(&records_[at + kPacedHeader], packet.data(), packet.size());
  return true;
}

std::optional<Pacer::Held> Pacer::Take(int64_t now_us) {
  PayOff(now_us);
  if (empty()) {
    records_.clear();
    read_ = 0;
    return std::nullopt;
  }
  if (debt_ > Burst()) {
    due_us_ = PaidUs(now_us);
    return std::nullopt;
  }
  uint32_t head[2];
  std::memcpy(head, &records_[read_], kPacedHeader);
  const size_t at = read_ + kPacedHeader;
  read_ = at + head[0];
  return Held{{&records_[at], head[0]}, head[1]};
}

int64_t Pacer::PaidUs(int64_t now_us) const {
  const double over = debt_ - Burst();
  return now_us + std::max(kStepUs, static_cast<int64_t>(std::ceil(over / Speed())));
}

}  // namespace sora
