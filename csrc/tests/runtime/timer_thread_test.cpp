// Timers of libwebrtc's thread: which run together, and which do not wait.
#include "runtime/timer_thread.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "../harness/harness.h"
#include "rtc_base/physical_socket_server.h"
#include "rtc_base/time_utils.h"

namespace {

using namespace sora;
using webrtc::TaskQueueBase;
using webrtc::TimeDelta;

// Counts how often the thread waits: it wakes up as often.
class CountingSockets : public rtc::PhysicalSocketServer {
 public:
  explicit CountingSockets(std::atomic<int>& waits) : waits_(waits) {}
  bool Wait(TimeDelta most, bool process_io) override {
    if (!most.IsZero()) ++waits_;
    return rtc::PhysicalSocketServer::Wait(most, process_io);
  }

 private:
  std::atomic<int>& waits_;
};

class Thread {
 public:
  Thread() : thread_(std::make_unique<CountingSockets>(waits_)) { thread_.Start(); }
  ~Thread() { thread_.Stop(); }
  TimerThread& operator*() { return thread_; }
  TimerThread* operator->() { return &thread_; }
  int waits() const { return waits_; }

 private:
  std::atomic<int> waits_{0};
  TimerThread thread_;
};

// A task that repeats itself.
struct Repeated {
  TaskQueueBase& queue;
  const int every_ms;
  std::atomic<int> runs{0};

  void Post() {
    queue.PostDelayedTask(
        [this] {
          ++runs;
          Post();
        },
        TimeDelta::Millis(every_ms));
  }
};

}  // namespace

TEST(timer_thread_runs_tasks_in_order_and_never_early) {
  Thread thread;
  std::atomic<int> early{0};
  std::vector<int> order;
  std::promise<void> done;
  constexpr int kTasks = 60;
  for (int i = kTasks - 1; i >= 0; --i) {
    const int64_t due_us = rtc::TimeMicros() + i * 1000;
    thread->PostDelayedTask(
        [&, i, due_us] {
          early += rtc::TimeMicros() < due_us;
          order.push_back(i / 20);
          if (order.size() == kTasks) done.set_value();
        },
        TimeDelta::Millis(i));
  }
  REQUIRE(done.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  REQUIRE_EQ(early.load(), 0);
  // Tasks of one turn run in the order in which they were posted, but those of different turns by their time.
  REQUIRE_EQ(order.front(), 0);
  REQUIRE_EQ(order.back(), 2);
}

TEST(timer_thread_wakes_once_for_the_timers_of_many_connections) {
  std::vector<std::unique_ptr<Repeated>> tasks;
  Thread thread;
  constexpr int kTasks = 100, kEveryMs = 100;
  for (int i = 0; i < kTasks; ++i) tasks.push_back(std::make_unique<Repeated>(*thread, kEveryMs));
  // With a phase of its own each.
  for (int i = 0; i < kTasks; ++i)
    thread->PostDelayedTask([&task = *tasks[static_cast<size_t>(i)]] { task.Post(); }, TimeDelta::Millis(i));
  // Time is the subject: how often the thread wakes up in it. A machine that is slow makes it less.
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const int before = thread.waits();
  const auto begun = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const int waits = thread.waits() - before;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
  // 62.5 turns a second, each of which may end in a second look at the clock; without turns there are 1000 wake-ups.
  REQUIRE(waits < 250 * seconds.count());
  for (const auto& task : tasks) REQUIRE(task->runs > 0);
  thread->Stop();
}

TEST(timer_thread_runs_precise_tasks_at_their_own_time) {
  Thread thread;
  std::promise<int64_t> late;
  const int64_t due_us = rtc::TimeMicros() + 5000;
  thread->PostDelayedHighPrecisionTask([&] { late.set_value(rtc::TimeMicros() - due_us); }, TimeDelta::Millis(5));
  auto result = late.get_future();
  REQUIRE(result.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  REQUIRE(result.get() >= -1000);  // libwebrtc counts in milliseconds
}

TEST(timer_thread_releases_the_tasks_that_are_left) {
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> left = held;
  {
    Thread thread;
    thread->PostDelayedTask([held = std::move(held)] {}, TimeDelta::Seconds(3600));
    REQUIRE(!left.expired());
  }
  REQUIRE(left.expired());
}

TEST(timer_thread_fires_relaxed_timers_rarely_without_media_and_in_time_with_it) {
  std::vector<std::unique_ptr<Repeated>> tasks;
  Thread thread;
  for (int i = 0; i < 10; ++i) tasks.push_back(std::make_unique<Repeated>(*thread, 100));
  thread->BlockingCall([&] {
    thread->Relax([&] {
      for (const auto& task : tasks) task->Post();
    });
  });
  // Time is the subject, as above.
  const int before = thread.waits();
  std::this_thread::sleep_for(std::chrono::milliseconds(1600));
  REQUIRE(thread.waits() - before <= 12);  // three turns or four; without them at least 16
  REQUIRE(tasks[0]->runs >= 2);
  // A packet ends the waiting: the tasks run at their own time again, and not at that of a turn.
  Repeated turns{*thread, 512};
  turns.Post();
  const int runs = tasks[0]->runs;
  while (tasks[0]->runs < runs + 12) {
    thread->BlockingCall([&] { thread->OnMedia(); });
    REQUIRE(turns.runs <= 6);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  thread->Stop();
}

TEST(timer_thread_does_not_relax_what_others_post) {
  Thread thread;
  Repeated relaxed{*thread, 100}, other{*thread, 100};
  thread->BlockingCall([&] { thread->Relax([&] { relaxed.Post(); }); });
  other.Post();
  while (other.runs < 12) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  REQUIRE(relaxed.runs <= 6);
  thread->Stop();
}
