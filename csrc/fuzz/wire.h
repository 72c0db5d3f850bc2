// Datagrams on their way, which a script passes on, loses, repeats and changes.
#ifndef SORA_FUZZ_WIRE_H
#define SORA_FUZZ_WIRE_H

#include <deque>
#include <span>

#include "fuzz/fuzz.h"

namespace fuzz {

class Wire {
 public:
  // What is done next with them, by a byte of the script; higher numbers are its owner's.
  enum Step : uint8_t { kPass, kChange, kCut, kExtend, kRepeat, kDrop, kSwap, kRaw, kSteps };

  void Put(std::span<const uint8_t> datagram) {
    if (pending_.size() < kMaxPending) pending_.emplace_back(datagram.begin(), datagram.end());
  }
  bool empty() const { return pending_.empty(); }

  // Does a step; returns the datagram that arrives, which is empty when none does.
  Bytes Take(Step step, Script& script);

 private:
  static constexpr size_t kMaxPending = 64;

  std::deque<Bytes> pending_;
  Bytes last_;  // what arrived
};

}  // namespace fuzz

#endif
