// The archive's two thread-local variables are compiled for executables (local-exec) and cannot be in a shared library:
// these definitions come before the archive's, so its objects are not taken.
#include "api/task_queue/task_queue_base.h"
#include "rtc_base/checks.h"
#include "rtc_base/synchronization/yield_policy.h"

// The archive is built with NDEBUG; another setting here would change class layouts.
static_assert(!RTC_DCHECK_IS_ON, "compile with NDEBUG, as the libwebrtc archive was");

namespace webrtc {
namespace {
thread_local TaskQueueBase* current_task_queue = nullptr;
}

TaskQueueBase* TaskQueueBase::Current() { return current_task_queue; }

TaskQueueBase::CurrentTaskQueueSetter::CurrentTaskQueueSetter(TaskQueueBase* task_queue) : previous_(current_task_queue) {
  current_task_queue = task_queue;
}

TaskQueueBase::CurrentTaskQueueSetter::~CurrentTaskQueueSetter() { current_task_queue = previous_; }
}  // namespace webrtc

namespace rtc {
namespace {
thread_local YieldInterface* current_yield = nullptr;
}

ScopedYieldPolicy::ScopedYieldPolicy(YieldInterface* policy) : previous_(current_yield) { current_yield = policy; }

ScopedYieldPolicy::~ScopedYieldPolicy() { current_yield = previous_; }

void ScopedYieldPolicy::YieldExecution() {
  if (current_yield) current_yield->YieldExecution();
}
}  // namespace rtc
