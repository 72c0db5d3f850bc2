#include "core/event_queue.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "core/canary.h"
#include "core/log.h"
#include "sora_ffi/peer.h"

namespace sora {

void EventQueue::Push(sora_event type, uint32_t handle, uint32_t argument, std::string_view payload) {
  Add({static_cast<uint32_t>(payload.size()), static_cast<uint16_t>(type), 0, handle, argument,
       std::vector<char>(payload.begin(), payload.end()), nullptr});
  // An event after the end.
  if constexpr (IsPlanted("event"))
    if (type == SORA_EVENT_CLOSED) Push(SORA_EVENT_PEER_STATE, handle, SORA_PEER_STATE_CLOSED);
}

void EventQueue::PushResult(uint32_t handle, uint32_t request, int32_t code, std::string_view text) {
  std::vector<char> payload(sizeof(code) + text.size());
  std::memcpy(payload.data(), &code, sizeof(code));
  std::memcpy(payload.data() + sizeof(code), text.data(), text.size());
  const auto size = static_cast<uint32_t>(payload.size());
  Add({size, SORA_EVENT_REQUEST_DONE, 0, handle, request, std::move(payload), nullptr});
}

bool EventQueue::PushMessage(uint32_t handle, std::string_view payload, bool binary, bool signaling) {
  return AddBounded(
      {static_cast<uint32_t>(payload.size()), SORA_EVENT_MESSAGE, static_cast<uint16_t>(binary ? SORA_EVENT_FLAG_BINARY : 0),
       handle, 0, std::vector<char>(payload.begin(), payload.end()), signaling ? &signaling_bytes_ : &message_bytes_},
      signaling ? kMaxSignalingBytes : max_message_bytes_);
}

void EventQueue::ReceiveLog(sora_log_severity severity) {
  EnableLog(
      this, [self = shared_from_this()](sora_log_severity s, std::string_view line) { return self->PushLog(s, line); },
      severity);
  // Another thread may have closed it meanwhile, before there was a log to end.
  std::unique_lock lock(mutex_);
  const bool closed = closed_;
  lock.unlock();
  if (closed) DisableLog(this);
}

bool EventQueue::PushLog(sora_log_severity severity, std::string_view line) {
  return AddBounded({static_cast<uint32_t>(line.size()), SORA_EVENT_LOG, 0, 0, static_cast<uint32_t>(severity),
                     std::vector<char>(line.begin(), line.end()), &log_bytes_},
                    kMaxLogBytes);
}

bool EventQueue::AddBounded(Record record, size_t most) {
  {
    std::lock_guard lock(mutex_);
    if (*record.budget + record.Bytes() > most) return false;
    *record.budget += record.Bytes();
  }
  Add(std::move(record));
  return true;
}

void EventQueue::Add(Record record) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    records_.push_back(std::move(record));
    wake = !signalled_;
    signalled_ = true;
  }
  if (!wake) return;
  changed_.notify_one();
  std::lock_guard lock(wakeup_mutex_);
  if (wakeup_) wakeup_();
}

int32_t EventQueue::Wait(uint32_t timeout_ms) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                    [&] { return !records_.empty() || interrupted_ || closed_; });
  interrupted_ = false;
  if (closed_) return Fail(SORA_ERROR_CLOSED, "the queue is closed");
  return records_.empty() ? 0 : 1;
}

void EventQueue::Interrupt() {
  {
    std::unique_lock lock(mutex_, std::defer_lock);
    if constexpr (!IsPlanted("lock")) lock.lock();
    interrupted_ = true;
  }
  changed_.notify_all();
}

void EventQueue::SetWakeup(void (*wakeup)()) {
  std::lock_guard lock(wakeup_mutex_);
  wakeup_ = wakeup;
  if (!wakeup_) return;
  bool waiting;
  {
    std::lock_guard records_lock(mutex_);
    waiting = !records_.empty();
  }
  if (waiting) wakeup_();
}

int32_t EventQueue::Drain(uint8_t* buffer, uint32_t size) {
  std::lock_guard lock(mutex_);
  size = std::min<uint32_t>(size, 0x7fff'ffff);  // the largest count that the result can hold
  uint32_t written = 0;
  while (!records_.empty()) {
    Record& record = records_.front();
    const uint32_t bytes = record.Bytes();
    if (bytes > size - written) break;
    uint8_t* out = buffer + written;
    std::memcpy(out, &record, SORA_EVENT_HEADER_SIZE);
    if (record.size) std::memcpy(out + SORA_EVENT_HEADER_SIZE, record.payload.data(), record.size);
    std::memset(out + SORA_EVENT_HEADER_SIZE + record.size, 0, bytes - SORA_EVENT_HEADER_SIZE - record.size);
    written += bytes;
    if (record.budget) *record.budget -= bytes;
    records_.pop_front();
  }
  if (records_.empty()) {
    signalled_ = false;
  } else if (written == 0) {
    return Fail(SORA_ERROR_BUFFER_TOO_SMALL, "the buffer is too small for the first record; see sora_queue_next_size");
  }
  return static_cast<int32_t>(written);
}

uint32_t EventQueue::NextSize() {
  std::lock_guard lock(mutex_);
  return records_.empty() ? 0 : records_.front().Bytes();
}

void EventQueue::Close() {
  SetWakeup(nullptr);
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    records_.clear();
  }
  changed_.notify_all();
  // It would go on being written for nobody, and keep the queue.
  DisableLog(this);
}

void EventQueue::Abandon(std::shared_ptr<Object>, uint32_t) { Close(); }

}  // namespace sora
