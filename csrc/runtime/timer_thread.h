// A thread of libwebrtc's whose timers fire together. libwebrtc has timers for each connection and stream, at intervals from 20
// to 500 ms and each with a phase of its own; for most of them it allows a delay of up to 17 ms (TaskQueueBase::DelayPrecision).
// Those that are due run when the thread is awake for another reason, such as a packet, or all together when one cannot wait longer.
#ifndef SORA_RUNTIME_TIMER_THREAD_H
#define SORA_RUNTIME_TIMER_THREAD_H

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "api/function_view.h"
#include "net/timer_sockets.h"
#include "rtc_base/thread.h"

namespace sora {

class TimerThread : public rtc::Thread, private ThreadTimers {
 public:
  explicit TimerThread(std::unique_ptr<TimerSockets> sockets);
  ~TimerThread() override;

  // The following are called on this thread.
  // Runs `body`. What it posts, and what that posts in turn, is about media alone: as long as packets pass, timers of this kind
  // fire when they are due; otherwise all of them fire together, twice a second.
  void Relax(rtc::FunctionView<void()> body);
  // A packet of media was received or is sent.
  void OnMedia();

 protected:
  void PostTaskImpl(absl::AnyInvocable<void() &&> task, const PostTaskTraits& traits,
                    const webrtc::Location& location) override;
  void PostDelayedTaskImpl(absl::AnyInvocable<void() &&> task, webrtc::TimeDelta delay, const PostDelayedTaskTraits& traits,
                           const webrtc::Location& location) override;
  void BlockingCallImpl(rtc::FunctionView<void()> functor, const webrtc::Location& location) override;

 private:
  using Task = absl::AnyInvocable<void() &&>;
  struct Timer {
    int64_t due_ms;
    uint64_t order;
    Task task;
  };
  struct Later {
    bool operator()(const Timer& a, const Timer& b) const {
      return a.due_ms != b.due_ms ? a.due_ms > b.due_ms : a.order > b.order;
    }
  };

  Task Relaxed(Task task);
  void PostTimer(Task task, int64_t delay_us);
  void WaitForTurn();
  void RunTurn();

  webrtc::TimeDelta Longest() override;
  bool RunDue() override;

  std::mutex mutex_;
  std::vector<Timer> timers_;  // a heap, by Later
  uint64_t order_ = 0;
  int64_t wakes_ms_ = 0;  // when the thread wakes up by itself, and 0 while it is about to look for timers anyway
  // When the first of them has to run; read without the mutex as well.
  std::atomic<int64_t> latest_ms_;

  // On this thread:
  int64_t last_media_ms_ = 0;
  std::multimap<int64_t, Task> waiting_;  // relaxed ones without media, by the time at which they are due
  bool turn_is_set_ = false;
};

}  // namespace sora

#endif
