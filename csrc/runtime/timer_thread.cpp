#include "runtime/timer_thread.h"

#include <algorithm>
#include <utility>

#include "rtc_base/time_utils.h"

namespace sora {
namespace {

// The times at which timers fire: less than the delay that libwebrtc allows.
constexpr int64_t kGridMs = 16;
// After so long without a packet there is nothing to report.
constexpr int64_t kQuietMs = 1000;
// When relaxed timers fire then: a multiple of the times at which paths are looked after, so that one waking does for both.
constexpr int64_t kTurnMs = 512;

// The thread on which a relaxed task runs.
thread_local const TimerThread* relaxed = nullptr;

}  // namespace

TimerThread::~TimerThread() {
  Stop();
  const CurrentTaskQueueSetter current(this);
  tasks_.clear();
  waiting_.clear();
}

void TimerThread::Relax(rtc::FunctionView<void()> body) {
  const TimerThread* const before = std::exchange(relaxed, this);
  body();
  relaxed = before;
}

TimerThread::Task TimerThread::Relaxed(Task task) {
  return [this, task = std::move(task)]() mutable {
    Relax([&] {
      std::move(task)();
      task = nullptr;
    });
  };
}

void TimerThread::OnMedia() {
  if (!IsCurrent()) return;
  last_media_ms_ = rtc::TimeMillis();
  for (auto& [due_ms, task] : std::exchange(waiting_, {}))
    PostForGrid(std::move(task), std::max<int64_t>(due_ms - last_media_ms_, 0) * 1000);
}

void TimerThread::PostTaskImpl(Task task, const PostTaskTraits& traits, const webrtc::Location& location) {
  rtc::Thread::PostTaskImpl(relaxed == this ? Relaxed(std::move(task)) : std::move(task), traits, location);
}

void TimerThread::PostDelayedTaskImpl(Task task, webrtc::TimeDelta delay, const PostDelayedTaskTraits& traits,
                                      const webrtc::Location& location) {
  if (traits.high_precision) return rtc::Thread::PostDelayedTaskImpl(std::move(task), delay, traits, location);
  if (relaxed == this) task = Relaxed(std::move(task));
  // A repeating task that ran late catches up, without a delay.
  if (delay <= webrtc::TimeDelta::Zero()) return rtc::Thread::PostDelayedTaskImpl(std::move(task), delay, traits, location);
  const int64_t now_ms = rtc::TimeMillis();
  if (relaxed != this || now_ms < last_media_ms_ + kQuietMs) return PostForGrid(std::move(task), delay.us());
  waiting_.emplace(now_ms + delay.ms(), std::move(task));
  WaitForTurn();
}

void TimerThread::PostForGrid(Task task, int64_t delay_us) {
  if (IsQuitting()) return;
  // In whole milliseconds, as libwebrtc counts, and never early: a repeating task that runs early runs twice.
  const int64_t now_ms = rtc::TimeMillis();
  const int64_t due_ms = (rtc::TimeMicros() + delay_us + 999) / 1000;
  const int64_t time_ms = (due_ms + kGridMs - 1) / kGridMs * kGridMs;
  {
    std::lock_guard lock(mutex_);
    auto& tasks = tasks_[time_ms];
    tasks.push_back(std::move(task));
    if (tasks.size() > 1) return;
  }
  rtc::Thread::PostDelayedTaskImpl([this, time_ms] { RunTasks(time_ms); }, webrtc::TimeDelta::Millis(time_ms - now_ms), {},
                                   webrtc::Location::Current());
}

void TimerThread::RunTasks(int64_t time_ms) {
  std::vector<Task> tasks;
  {
    std::lock_guard lock(mutex_);
    const auto due = tasks_.find(time_ms);
    if (due == tasks_.end()) return;
    tasks = std::move(due->second);
    tasks_.erase(due);
  }
  for (Task& task : tasks) {
    std::move(task)();
    task = nullptr;  // before the next one runs, as if libwebrtc had run it
  }
}

void TimerThread::WaitForTurn() {
  if (turn_is_set_ || waiting_.empty()) return;
  turn_is_set_ = true;
  // A millisecond less, because it is rounded up.
  PostForGrid([this] { RunDue(); }, (kTurnMs - rtc::TimeMillis() % kTurnMs - 1) * 1000);
}

void TimerThread::RunDue() {
  turn_is_set_ = false;
  std::vector<Task> tasks;  // taken out first: they may post others
  const auto end = waiting_.upper_bound(rtc::TimeMillis());
  for (auto due = waiting_.begin(); due != end; ++due) tasks.push_back(std::move(due->second));
  waiting_.erase(waiting_.begin(), end);
  for (Task& task : tasks) std::move(task)();
  WaitForTurn();
}

}  // namespace sora
