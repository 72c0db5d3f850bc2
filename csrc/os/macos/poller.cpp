#include "os/poller.h"

#include <fcntl.h>
#include <sys/event.h>
#include <unistd.h>

namespace sora {
namespace {

// The event that ends a wait: of the queue itself, so that it needs no descriptor.
constexpr uintptr_t kWake = 0;

bool Change(int queue, uintptr_t what, int16_t filter, uint16_t flags, uint32_t filter_flags, uint32_t number) {
  struct kevent change;
  EV_SET(&change, what, filter, flags, filter_flags, 0, reinterpret_cast<void*>(static_cast<uintptr_t>(number)));
  return kevent(queue, &change, 1, nullptr, 0, nullptr) == 0;
}

}  // namespace

Poller::Poller() : poll_(kqueue()) {
  if (poll_ < 0) return;
  fcntl(poll_, F_SETFD, FD_CLOEXEC);
  if (Change(poll_, kWake, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0)) return;
  close(poll_);
  poll_ = -1;
}

Poller::~Poller() {
  if (poll_ >= 0) close(poll_);
}

bool Poller::Add(int descriptor, uint32_t number) {
  return Change(poll_, static_cast<uintptr_t>(descriptor), EVFILT_READ, EV_ADD, 0, number);
}

std::span<const uint32_t> Poller::Wait(int timeout_ms) {
  struct kevent events[kReady];
  const timespec timeout{timeout_ms / 1000, timeout_ms % 1000 * 1'000'000L};
  const int count = kevent(poll_, nullptr, 0, events, kReady, &timeout);
  size_t ready = 0;
  for (int i = 0; i < count; ++i)
    if (events[i].filter == EVFILT_READ)
      ready_[ready++] = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(events[i].udata));
  return {ready_.data(), ready};
}

void Poller::Wake() { Change(poll_, kWake, EVFILT_USER, 0, NOTE_TRIGGER, 0); }

}  // namespace sora
