#include "fuzz/wire.h"

#include <utility>

namespace fuzz {

Bytes Wire::Take(Step step, Script& script) {
  if (step == kRaw) {
    const auto raw = script.Take(script.Number(2) % 2048);
    return {raw.begin(), raw.end()};
  }
  if (step == kRepeat) return last_;
  if (pending_.empty()) return {};
  if (step == kSwap) {
    pending_.push_back(std::move(pending_.front()));
    pending_.pop_front();
    return {};
  }
  Bytes datagram = std::move(pending_.front());
  pending_.pop_front();
  if (step == kDrop) return {};
  if (step == kChange) {
    for (int i = 1 + script.Byte() % 4; i > 0; --i) {
      const size_t at = script.Number(2) % datagram.size();
      datagram[at] ^= script.Byte();
    }
  } else if (step == kCut) {
    datagram.resize(script.Number(2) % datagram.size());
  } else if (step == kExtend) {
    const auto more = script.Take(script.Byte());
    datagram.insert(datagram.end(), more.begin(), more.end());
  }
  last_ = datagram;
  return datagram;
}

}  // namespace fuzz
