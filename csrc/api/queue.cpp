#include "sora_ffi/queue.h"

#include "api/arguments.h"
#include "core/event_queue.h"

using sora::EventQueue;
using sora::Find;
using sora::Guard;
using sora::Require;
using sora::RequireRange;

SORA_EXPORT int32_t sora_queue_create(uint32_t max_message_bytes, uint32_t* out_queue) {
  return Guard([&] {
    Require(out_queue, "out_queue is null");
    RequireRange("max_message_bytes", max_message_bytes, 65'536, 1'073'741'824);
    *out_queue = sora::Open(EventQueue::kKind, std::make_shared<EventQueue>(max_message_bytes));
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_queue_wait(uint32_t queue, uint32_t timeout_ms) {
  return Guard([&] {
    RequireRange("timeout_ms", timeout_ms, 0, 3'600'000);
    return Find<EventQueue>(queue)->Wait(timeout_ms);
  });
}

SORA_EXPORT int32_t sora_queue_interrupt(uint32_t queue) {
  return Guard([&] {
    Find<EventQueue>(queue)->Interrupt();
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_queue_set_wakeup(uint32_t queue, void (*wakeup)(void)) {
  return Guard([&] {
    Find<EventQueue>(queue)->SetWakeup(wakeup);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_queue_drain(uint32_t queue, uint8_t* buffer, uint32_t size) {
  return Guard([&] {
    Require(buffer || size == 0, "buffer is null");
    return Find<EventQueue>(queue)->Drain(buffer, size);
  });
}

SORA_EXPORT int32_t sora_queue_next_size(uint32_t queue) {
  return Guard([&] { return static_cast<int32_t>(Find<EventQueue>(queue)->NextSize()); });
}

SORA_EXPORT int32_t sora_queue_close(uint32_t queue) {
  return Guard([&] {
    sora::Take<EventQueue>(queue)->Close();
    return SORA_OK;
  });
}
