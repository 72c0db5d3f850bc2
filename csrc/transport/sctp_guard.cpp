#include "transport/sctp_guard.h"

#include <algorithm>

#include "transport/network_order.h"

namespace sora {
namespace {

// How far numbers may run ahead of one that is missing, and how many chunks may wait there: more than a window of small messages.
constexpr int32_t kMaxDistance = 65'536;
constexpr size_t kMaxAhead = 16'384;
// Fragments among them, and of one message: 256 kB in packets of 128 bytes.
constexpr size_t kMaxFragments = 2048;
// Fragments without a beginning or an end: none, of an honest peer, but when it gives messages up.
constexpr size_t kMaxLoose = 256;
// Messages that are complete and not delivered, because one before them on their stream is missing.
constexpr uint64_t kMaxUndelivered = kMaxAhead + 4096;

constexpr size_t kPacketHeader = 12, kChunkHeader = 4, kDataHeader = 16, kInitHeader = 20;
constexpr uint8_t kData = 0, kInit = 1, kInterleavedData = 64, kForwardTsn = 192;

// Calls see(chunk) for each chunk until it returns false; false when it did or the packet is malformed.
template <typename See>
bool ForEachChunk(std::span<const uint8_t> packet, See&& see) {
  for (size_t at = kPacketHeader; at < packet.size();) {
    if (packet.size() - at < kChunkHeader) return false;
    const size_t length = Read16(&packet[at + 2]);
    if (length < kChunkHeader || length > packet.size() - at) return false;
    if (!see(packet.subspan(at, length))) return false;
    at += (length + 3) / 4 * 4;
  }
  return true;
}

}  // namespace

SctpGuard::Verdict SctpGuard::Look(std::span<const uint8_t> packet) {
  bool fills_gap = false, beyond = false;
  int32_t furthest = 0;
  const bool sound = ForEachChunk(packet, [&](std::span<const uint8_t> chunk) {
    if (chunk[0] == kInterleavedData) return false;  // not negotiated
    if (chunk[0] == kForwardTsn) return chunk.size() >= 8;
    if (chunk[0] == kInit) {
      if (!started_ && chunk.size() >= kInitHeader) next_ = Read32(&chunk[16]);
      return true;
    }
    if (chunk[0] != kData) return true;
    if (chunk.size() <= kDataHeader) return false;  // without user data, which would be answered one by one
    beyond |= Read16(&chunk[8]) >= kSctpStreams;
    const int32_t ahead = Ahead(Read32(&chunk[4]));
    fills_gap |= ahead == 0;
    furthest = std::max(furthest, ahead);
    return true;
  });
  if (!sound || furthest >= kMaxDistance) return Verdict::kDrop;
  if (beyond) return Verdict::kEnd;
  if (furthest > 0 && !fills_gap && (ahead_.size() >= kMaxAhead || ahead_fragments_ >= kMaxFragments)) return Verdict::kDrop;
  ForEachChunk(packet, [&](std::span<const uint8_t> chunk) {
    if (chunk[0] == kData) {
      const uint8_t flags = chunk[1];
      Add(Read32(&chunk[4]), {.stream = Read16(&chunk[8]),
                              .sequence = Read16(&chunk[10]),
                              .first = (flags & 2) != 0,
                              .last = (flags & 1) != 0,
                              .unordered = (flags & 4) != 0});
    } else if (chunk[0] == kForwardTsn) {
      Forward(Read32(&chunk[4]));
    }
    return true;
  });
  const bool excessive = open_fragments_ > kMaxFragments || loose_ > kMaxLoose || complete_ > delivered_ + kMaxUndelivered;
  return excessive ? Verdict::kEnd : Verdict::kTake;
}

void SctpGuard::Add(uint32_t tsn, const Chunk& chunk) {
  started_ = true;
  const int32_t ahead = Ahead(tsn);
  if (ahead < 0) return;
  if (ahead > 0) {
    if (!ahead_.emplace(tsn, chunk).second) return;
    ahead_fragments_ += !chunk.whole();
    ahead_complete_ += chunk.last;
    complete_ += chunk.last;
    return;
  }
  complete_ += chunk.last;
  ++next_;
  Pass(chunk);
  Advance();
}

void SctpGuard::Forget(std::unordered_map<uint32_t, Chunk>::iterator chunk) {
  ahead_fragments_ -= !chunk->second.whole();
  ahead_complete_ -= chunk->second.last;
  ahead_.erase(chunk);
}

void SctpGuard::Advance() {
  for (auto found = ahead_.find(next_); found != ahead_.end(); found = ahead_.find(next_)) {
    const Chunk chunk = found->second;
    Forget(found);
    ++next_;
    Pass(chunk);
  }
}

void SctpGuard::Pass(const Chunk& chunk) {
  const bool continues = open_fragments_ > 0 && !chunk.first && chunk.SameMessage(open_);
  if (!continues) {
    loose_ += open_fragments_;
    open_fragments_ = 0;
    if (!chunk.first) {
      ++loose_;
      return;
    }
    open_ = chunk;
  }
  open_fragments_ = chunk.last ? 0 : open_fragments_ + 1;
}

void SctpGuard::Forward(uint32_t tsn) {
  if (Ahead(tsn) < 0) return;
  // What is skipped is given up, whether it came or not.
  const auto distance = static_cast<size_t>(Ahead(tsn)) + 1;
  if (distance < ahead_.size()) {
    for (uint32_t i = 0; i < distance; ++i)
      if (const auto found = ahead_.find(next_ + i); found != ahead_.end()) Forget(found);
  } else {
    for (auto at = ahead_.begin(); at != ahead_.end();) {
      const auto chunk = at++;
      if (static_cast<int32_t>(chunk->first - tsn) <= 0) Forget(chunk);
    }
  }
  open_fragments_ = 0;
  next_ = tsn + 1;
  Advance();
}

}  // namespace sora
