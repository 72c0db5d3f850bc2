#include "os/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace sora {
namespace {
constexpr uint32_t kWake = UINT32_MAX;  // in place of a descriptor's number
}

Poller::Poller() : poll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (poll_ < 0 || (wake_ >= 0 && Add(wake_, kWake))) return;
  close(poll_);
  poll_ = -1;
}

Poller::~Poller() {
  if (poll_ >= 0) close(poll_);
  if (wake_ >= 0) close(wake_);
}

bool Poller::Add(int descriptor, uint32_t number) {
  epoll_event event{EPOLLIN, {.u32 = number}};
  return epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

std::span<const uint32_t> Poller::Wait(int timeout_ms) {
  epoll_event events[kReady];
  const int count = epoll_wait(poll_, events, kReady, timeout_ms);
  size_t ready = 0;
  for (int i = 0; i < count; ++i) {
    if (events[i].data.u32 != kWake) {
      ready_[ready++] = events[i].data.u32;
      continue;
    }
    uint64_t wakes = 0;
    [[maybe_unused]] const ssize_t size = read(wake_, &wakes, sizeof wakes);
  }
  return {ready_.data(), ready};
}

void Poller::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
}

}  // namespace sora
