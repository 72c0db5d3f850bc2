#include "net/timer_sockets.h"

#include <algorithm>
#include <utility>

#include "rtc_base/thread.h"

namespace sora {
namespace {

// What this thread posts at present.
thread_local Wakeups* current = nullptr;

}  // namespace

bool TimerSockets::Wait(webrtc::TimeDelta longest, bool process_io) {
  if (timers_) longest = std::min(longest, timers_->Longest());
  waits_ = true;
  const bool result = PhysicalSocketServer::Wait(longest, process_io);
  waits_ = false;
  if (timers_) timers_->RunDue();
  return result;
}

void TimerSockets::RunTimers() {
  // libwebrtc waits on until the time that it was given, unless it is woken.
  if (timers_ && waits_ && timers_->RunDue()) PhysicalSocketServer::WakeUp();
}

void TimerSockets::WakeUp() {
  if (queue_ && queue_->IsCurrent() && !waits_) return;
  if (!Wakeups::Hold(this)) PhysicalSocketServer::WakeUp();
}

Wakeups::Wakeups() { current = this; }

Wakeups::~Wakeups() { End(); }

void Wakeups::End() {
  Wakeups* const ended = std::exchange(current, nullptr);
  if (ended && ended->held_) ended->held_->PhysicalSocketServer::WakeUp();
}

bool Wakeups::Hold(TimerSockets* sockets) {
  if (!current || (current->held_ && current->held_ != sockets)) return false;
  current->held_ = sockets;
  return true;
}

}  // namespace sora
