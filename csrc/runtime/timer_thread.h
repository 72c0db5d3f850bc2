// A thread of libwebrtc's whose timers fire together. libwebrtc has timers for each connection and stream, at intervals from 20
// to 500 ms and each with a phase of its own; for most of them it allows a delay of up to 17 ms (TaskQueueBase::DelayPrecision).
#ifndef SORA_RUNTIME_TIMER_THREAD_H
#define SORA_RUNTIME_TIMER_THREAD_H

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "api/function_view.h"
#include "rtc_base/socket_server.h"
#include "rtc_base/thread.h"

namespace sora {

class TimerThread : public rtc::Thread {
 public:
  explicit TimerThread(std::unique_ptr<rtc::SocketServer> sockets) : rtc::Thread(std::move(sockets)) {}
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

 private:
  using Task = absl::AnyInvocable<void() &&>;

  Task Relaxed(Task task);
  void PostForGrid(Task task, int64_t delay_us);
  void RunTasks(int64_t time_ms);
  void WaitForTurn();
  void RunDue();

  std::mutex mutex_;
  std::map<int64_t, std::vector<Task>> tasks_;  // by the time at which they run; libwebrtc has one timer for each time

  // On this thread:
  int64_t last_media_ms_ = 0;
  std::multimap<int64_t, Task> waiting_;  // relaxed ones without media, by the time at which they are due
  bool turn_is_set_ = false;
};

}  // namespace sora

#endif
