#include "transport/media_queue.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/result.h"

namespace sora {
namespace {

constexpr size_t kMaxQueuedBytes = 4 * 1024 * 1024;
constexpr size_t kHeader = 16;
// Packets of a frame wait for its last one, but no longer, and not more of them: large frames go on while they come.
constexpr int64_t kMaxWaitMs = 5;
constexpr size_t kMaxWaitingBytes = 32 * 1024;
// A reader that sends them to many needs longer than this: it had better begin with the first of them.
constexpr double kPromptMs = 1;

size_t RecordSize(size_t packet) { return kHeader + (packet + 7) / 8 * 8; }

}  // namespace

bool MediaQueue::Add(uint32_t transport, std::span<const uint8_t> packet, bool rtcp, double arrived_ms, bool may_wait) {
  const size_t record = RecordSize(packet.size());
  if (records_.size() - read_ + record > kMaxQueuedBytes) {
    dropped_ += 1;
    return false;
  }
  if (read_ > kMaxQueuedBytes) {  // what was read is not kept for ever
    records_.erase(records_.begin(), records_.begin() + static_cast<ptrdiff_t>(read_));
    read_ = 0;
  }
  const size_t at = records_.size();
  records_.resize(at + record);
  const uint32_t head[2] = {transport, static_cast<uint32_t>(packet.size()) | (rtcp ? kRtcpFlag : 0)};
  std::memcpy(&records_[at], head, sizeof head);
  std::memcpy(&records_[at + 8], &arrived_ms, sizeof arrived_ms);
  std::memcpy(&records_[at + kHeader], packet.data(), packet.size());
  if (told_) return false;
  if (!may_wait || !prompt_ || records_.size() - read_ > kMaxWaitingBytes) return Tell(arrived_ms);
  due_ms_ = std::min(due_ms_, static_cast<int64_t>(arrived_ms) + kMaxWaitMs);
  return false;
}

bool MediaQueue::Tell(double now_ms) {
  told_ms_ = now_ms;
  due_ms_ = INT64_MAX;
  return !std::exchange(told_, true);
}

uint32_t MediaQueue::Read(std::span<uint8_t> buffer, double now_ms) {
  size_t end = read_;
  while (end < records_.size()) {
    uint32_t packet = 0;
    std::memcpy(&packet, &records_[end + 4], sizeof packet);
    const size_t record = RecordSize(packet & ~kRtcpFlag);
    if (end + record - read_ > buffer.size()) break;
    end += record;
  }
  const size_t taken = end - read_;
  if (taken == 0 && end < records_.size())
    throw Error(SORA_ERROR_BUFFER_TOO_SMALL, "buffer is smaller than the next packet with its header");
  if (taken) std::memcpy(buffer.data(), records_.data() + read_, taken);
  read_ = end;
  if (read_ == records_.size()) {
    records_.clear();
    read_ = 0;
    due_ms_ = INT64_MAX;
    if (taken == 0 && std::exchange(told_, false)) prompt_ = now_ms - told_ms_ <= kPromptMs;
  }
  return static_cast<uint32_t>(taken);
}

}  // namespace sora
