// A socket server of libwebrtc's for a thread that has timers of its own, and that wakes up rarely.
#ifndef SORA_NET_TIMER_SOCKETS_H
#define SORA_NET_TIMER_SOCKETS_H

#include "api/units/time_delta.h"
#include "rtc_base/physical_socket_server.h"

namespace sora {

// The timers of a thread. Called on it.
class ThreadTimers {
 public:
  // How long the thread may sleep from now on. It is woken for timers that are set meanwhile.
  virtual webrtc::TimeDelta Longest() = 0;
  // Runs those that are due; false when none is.
  virtual bool RunDue() = 0;

 protected:
  ~ThreadTimers() = default;
};

class TimerSockets : public rtc::PhysicalSocketServer {
 public:
  // timers: of the thread that waits here, before it starts. Null: none.
  void SetTimers(ThreadTimers* timers) { timers_ = timers; }

  void SetMessageQueue(rtc::Thread* queue) override { queue_ = queue; }
  bool Wait(webrtc::TimeDelta longest, bool process_io) override;
  // Does nothing on the thread that waits here: it looks for tasks before it waits.
  void WakeUp() override;

 protected:
  // Whether the thread waits for events, and handles them.
  bool waits() const { return waits_; }
  // The thread is awake, after an event: runs the timers that are due, so that it need not wake up for them later.
  void RunTimers();

 private:
  friend class Wakeups;

  ThreadTimers* timers_ = nullptr;
  rtc::Thread* queue_ = nullptr;
  bool waits_ = false;  // on the thread
};

// While it exists, this thread wakes a thread that waits on TimerSockets only once, at the end, for all tasks that it posts there.
// For a short time: it must not wait for these tasks.
class Wakeups {
 public:
  Wakeups();
  ~Wakeups();
  Wakeups(const Wakeups&) = delete;
  Wakeups& operator=(const Wakeups&) = delete;

  // Wakes whom this thread has to wake at the end now, and from now on at once: it is going to wait for him.
  static void End();

 private:
  friend class TimerSockets;

  // False when it has to be woken at once.
  static bool Hold(TimerSockets* sockets);

  TimerSockets* held_ = nullptr;
};

}  // namespace sora

#endif
