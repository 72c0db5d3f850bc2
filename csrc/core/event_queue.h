// The object behind sora_queue_*.
#ifndef SORA_CORE_EVENT_QUEUE_H
#define SORA_CORE_EVENT_QUEUE_H

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>
#include <vector>

#include "core/object.h"
#include "sora_ffi/log.h"
#include "sora_ffi/queue.h"

namespace sora {

class EventQueue : public Object, public std::enable_shared_from_this<EventQueue> {
 public:
  static constexpr Kind kKind = Kind::kQueue;

  explicit EventQueue(size_t max_message_bytes) : max_message_bytes_(max_message_bytes) {}

  // Adds a record, from any thread. Nothing happens once the queue is closed.
  void Push(sora_event type, uint32_t handle, uint32_t argument = 0, std::string_view payload = {});
  // The record of a request that is done.
  void PushResult(uint32_t handle, uint32_t request, int32_t code, std::string_view text);
  // A data channel message, which counts with its header so that empty ones are bounded as well; false when the bound is
  // reached and it was dropped. Messages of signaling have a bound of their own.
  bool PushMessage(uint32_t handle, std::string_view payload, bool binary, bool signaling);

  // Receives libwebrtc's log from this severity on, in place of the queue that received it before.
  void ReceiveLog(sora_log_severity severity);

  int32_t Wait(uint32_t timeout_ms);
  void Interrupt();
  void SetWakeup(void (*wakeup)());
  int32_t Drain(uint8_t* buffer, uint32_t size);
  uint32_t NextSize();
  void Close();
  void Abandon(std::shared_ptr<Object> self, uint32_t handle) override;

 private:
  struct Record {
    uint32_t size;
    uint16_t type;
    uint16_t flags;
    uint32_t handle;
    uint32_t argument;
    std::vector<char> payload;
    size_t* budget;  // the bytes of its class that wait; null: never dropped
    uint32_t Bytes() const { return SORA_EVENT_HEADER_SIZE + (size + 3) / 4 * 4; }
  };

  // A line of the log; false when a mebibyte of them waits already and it was dropped.
  bool PushLog(sora_log_severity severity, std::string_view line);
  void Add(Record record);
  // Adds a record unless the bytes under its budget would be more than most.
  bool AddBounded(Record record, size_t most);

  static constexpr size_t kMaxSignalingBytes = 64 * 1024 * 1024;
  static constexpr size_t kMaxLogBytes = 1024 * 1024;

  const size_t max_message_bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Record> records_;
  size_t message_bytes_ = 0;
  size_t signaling_bytes_ = 0;
  size_t log_bytes_ = 0;
  bool interrupted_ = false;
  bool closed_ = false;
  // Held while the wake-up is called: after replacing it, the old one is not being called any more. Never locked while the
  // same thread holds mutex_.
  std::mutex wakeup_mutex_;
  void (*wakeup_)() = nullptr;
  bool signalled_ = false;  // the wake-up was called, and the queue was not drained since
};

}  // namespace sora

#endif
