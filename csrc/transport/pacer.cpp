#include "transport/pacer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace sora {
namespace {

// What may leave at once: a frame of usual size does, as far as the receiver's queue is concerned.
constexpr double kBurstUs = 20'000;

// Least time until what waits is looked at again: some packets leave together then.
constexpr int64_t kStepUs = 2'000;

constexpr size_t kPacedHeader = 8;

}  // namespace

double Pacer::Speed() const {
  const double bytes = static_cast<double>(waiting_bytes());
  return std::max(static_cast<double>(rate_) / 8e6, bytes / static_cast<double>(kLongestUs));
}

void Pacer::PayOff(int64_t now_us) {
  if (now_us <= paid_us_) return;
  debt_ = std::max(0.0, debt_ - Speed() * static_cast<double>(now_us - paid_us_));
  paid_us_ = now_us;
}

bool Pacer::free(int64_t now_us) {
  if (rate_ == 0) return true;
  PayOff(now_us);
  return empty() && debt_ <= Speed() * kBurstUs;
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
  if (debt_ > Speed() * kBurstUs) {
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
  const double over = debt_ - Speed() * kBurstUs;
  return now_us + std::max(kStepUs, static_cast<int64_t>(std::ceil(over / Speed())));
}

}  // namespace sora
