// Bounds of what a peer makes dcSCTP keep. Its window counts the bytes of messages and not what each chunk costs, and it looks at
// all neighbors of an unordered fragment: a million fragments of one byte fit into the window, at 150 MB and minutes of work.
#ifndef SORA_TRANSPORT_SCTP_GUARD_H
#define SORA_TRANSPORT_SCTP_GUARD_H

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>

namespace sora {

// Streams that each side may use: data channels take one of each.
constexpr uint16_t kSctpStreams = 1024;

// Follows the numbers (TSN) of a peer's DATA chunks as dcSCTP does.
class SctpGuard {
 public:
  enum class Verdict {
    kTake,
    kDrop,  // too far ahead or not worth parsing; an honest peer repeats it when there is room
    kEnd,   // no honest peer does this
  };
  Verdict Look(std::span<const uint8_t> packet);
  // A message of the peer's was delivered.
  void Delivered() { ++delivered_; }
  // Nothing of the peer's waits to be delivered.
  void Emptied() { delivered_ = std::max(delivered_, complete_ - ahead_complete_); }

 private:
  struct Chunk {
    uint16_t stream, sequence;
    bool first, last, unordered;
    bool whole() const { return first && last; }
    bool SameMessage(const Chunk& other) const {
      return stream == other.stream && sequence == other.sequence && unordered == other.unordered;
    }
  };
  // How far a chunk is ahead of the next that is missing; negative: it was there before.
  int32_t Ahead(uint32_t tsn) const { return static_cast<int32_t>(tsn - next_); }
  void Add(uint32_t tsn, const Chunk& chunk);
  void Forward(uint32_t tsn);
  // Passes what follows without a gap.
  void Advance();
  void Pass(const Chunk& chunk);
  void Forget(std::unordered_map<uint32_t, Chunk>::iterator chunk);

  bool started_ = false;
  uint32_t next_ = 0;
  std::unordered_map<uint32_t, Chunk> ahead_;  // chunks behind a gap
  size_t ahead_fragments_ = 0;                 // those of them that are no whole message
  size_t ahead_complete_ = 0;                  // those that end a message
  Chunk open_{};                               // of the message that has no end yet
  size_t open_fragments_ = 0;                  // its chunks; 0: there is none
  size_t loose_ = 0;                           // fragments that no message will ever have
  uint64_t complete_ = 0;                      // messages whose last chunk came, ever
  uint64_t delivered_ = 0;                     // of these
};

}  // namespace sora

#endif
