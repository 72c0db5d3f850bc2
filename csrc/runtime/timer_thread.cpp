#include "runtime/timer_thread.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "rtc_base/time_utils.h"

namespace sora {
namespace {

// The times at which the thread wakes up for timers: less than the delay that libwebrtc allows.
constexpr int64_t kGridMs = 16;
// After so long without a packet there is nothing to report.
constexpr int64_t kQuietMs = 1000;
// When relaxed timers fire then: a multiple of the times at which paths are looked after, so that one waking does for both.
constexpr int64_t kTurnMs = 512;

// The thread on which a relaxed task runs.
thread_local const TimerThread* relaxed = nullptr;

constexpr int64_t kNever = std::numeric_limits<int64_t>::max() - kGridMs;

int64_t OnGrid(int64_t due_ms) { return (due_ms + kGridMs - 1) / kGridMs * kGridMs; }

}  // namespace

TimerThread::TimerThread(std::unique_ptr<TimerSockets> sockets) : rtc::Thread(std::move(sockets)), latest_ms_(kNever) {
  static_cast<TimerSockets*>(socketserver())->SetTimers(this);
}

TimerThread::~TimerThread() {
  Stop();
  const CurrentTaskQueueSetter current(this);
  timers_.clear();
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
    PostTimer(std::move(task), std::max<int64_t>(due_ms - last_media_ms_, 0) * 1000);
}

void TimerThread::PostTaskImpl(Task task, const PostTaskTraits& traits, const webrtc::Location& location) {
  if (relaxed == this) task = Relaxed(std::move(task));
  // A thread that has one task after another never waits.
  if (rtc::TimeMillis() > latest_ms_ + kGridMs)
    task = [this, task = std::move(task)]() mutable {
      RunDue();
      std::move(task)();
    };
  rtc::Thread::PostTaskImpl(std::move(task), traits, location);
}

void TimerThread::PostDelayedTaskImpl(Task task, webrtc::TimeDelta delay, const PostDelayedTaskTraits& traits,
                                      const webrtc::Location& location) {
  if (traits.high_precision) return rtc::Thread::PostDelayedTaskImpl(std::move(task), delay, traits, location);
  if (relaxed == this) task = Relaxed(std::move(task));
  // A repeating task that ran late catches up, without a delay.
  if (delay <= webrtc::TimeDelta::Zero()) return rtc::Thread::PostDelayedTaskImpl(std::move(task), delay, traits, location);
  const int64_t now_ms = rtc::TimeMillis();
  if (relaxed != this || now_ms < last_media_ms_ + kQuietMs) return PostTimer(std::move(task), delay.us());
  waiting_.emplace(now_ms + delay.ms(), std::move(task));
  WaitForTurn();
}

void TimerThread::BlockingCallImpl(rtc::FunctionView<void()> functor, const webrtc::Location& location) {
  Wakeups::End();
  rtc::Thread::BlockingCallImpl(functor, location);
}

void TimerThread::PostTimer(Task task, int64_t delay_us) {
  if (IsQuitting()) return;
  // In whole milliseconds, as libwebrtc counts, and never early: a repeating task that runs early runs twice.
  const int64_t due_ms = (rtc::TimeMicros() + delay_us + 999) / 1000;
  {
    std::lock_guard lock(mutex_);
    timers_.push_back({due_ms, ++order_, std::move(task)});
    std::push_heap(timers_.begin(), timers_.end(), Later());
    latest_ms_ = OnGrid(timers_.front().due_ms);
    if (latest_ms_ >= wakes_ms_) return;
    wakes_ms_ = 0;
  }
  socketserver()->WakeUp();
}

webrtc::TimeDelta TimerThread::Longest() {
  std::lock_guard lock(mutex_);
  wakes_ms_ = latest_ms_;
  if (wakes_ms_ == kNever) return webrtc::TimeDelta::PlusInfinity();
  return webrtc::TimeDelta::Millis(std::max<int64_t>(wakes_ms_ - rtc::TimeMillis(), 0));
}

bool TimerThread::RunDue() {
  const int64_t now_ms = rtc::TimeMillis();
  for (bool any = false;; any = true) {
    Task task;
    {
      std::lock_guard lock(mutex_);
      if (timers_.empty() || timers_.front().due_ms > now_ms) return any;
      std::pop_heap(timers_.begin(), timers_.end(), Later());
      task = std::move(timers_.back().task);
      timers_.pop_back();
      latest_ms_ = timers_.empty() ? kNever : OnGrid(timers_.front().due_ms);
      wakes_ms_ = 0;  // it looks for timers again before it waits
    }
    std::move(task)();
  }
}

void TimerThread::WaitForTurn() {
  if (turn_is_set_ || waiting_.empty()) return;
  turn_is_set_ = true;
  // A millisecond less, because it is rounded up.
  PostTimer([this] { RunTurn(); }, (kTurnMs - rtc::TimeMillis() % kTurnMs - 1) * 1000);
}

void TimerThread::RunTurn() {
  turn_is_set_ = false;
  std::vector<Task> tasks;  // taken out first: they may post others
  const auto end = waiting_.upper_bound(rtc::TimeMillis());
  for (auto due = waiting_.begin(); due != end; ++due) tasks.push_back(std::move(due->second));
  waiting_.erase(waiting_.begin(), end);
  for (Task& task : tasks) std::move(task)();
  WaitForTurn();
}

}  // namespace sora
