// The two thread-local variables of the libwebrtc archive are compiled for executables (local-exec) and cannot be linked into a
// shared library: these definitions come first, so the linker does not take those of the archive.
#include "api/task_queue/task_queue_base.h"
#include "rtc_base/checks.h"
#include "rtc_base/synchronization/yield_policy.h"

// The archive was built with NDEBUG; another setting would change class layouts.
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
