// Timers of libwebrtc's thread: which run together, and which do not wait.
#include "runtime/timer_thread.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "../harness/harness.h"
#include "net/timer_sockets.h"
#include "rtc_base/time_utils.h"

namespace {

using namespace sora;
using webrtc::TaskQueueBase;
using webrtc::TimeDelta;

// Counts how often the thread waits: it wakes up as often.
class CountingSockets : public TimerSockets {
 public:
  bool Wait(TimeDelta most, bool process_io) override {
    if (!most.IsZero()) ++waits;
    sleeps = true;
    const bool result = TimerSockets::Wait(most, process_io);
    sleeps = false;
    return result;
  }
  using TimerSockets::RunTimers;

  std::atomic<int> waits{0};
  std::atomic<bool> sleeps{false};  // nothing wakes it but what comes from now on
};

class Thread {
 public:
  Thread() : Thread(std::make_unique<CountingSockets>()) {}
  ~Thread() { thread_.Stop(); }
  TimerThread& operator*() { return thread_; }
  TimerThread* operator->() { return &thread_; }
  CountingSockets& sockets() { return sockets_; }
  int waits() const { return sockets_.waits; }

 private:
  explicit Thread(std::unique_ptr<CountingSockets> sockets) : sockets_(*sockets), thread_(std::move(sockets)) {
    thread_.Start();
  }

  CountingSockets& sockets_;
  TimerThread thread_;
};

// What a thread waits for besides tasks: a pipe, as of a socket.
class Pipe : public rtc::Dispatcher {
 public:
  Pipe() { REQUIRE_EQ(pipe(ends_), 0); }
  ~Pipe() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  void Write() { REQUIRE_EQ(write(ends_[1], "", 1), 1); }

  uint32_t GetRequestedEvents() override { return rtc::DE_READ; }
  int GetDescriptor() override { return ends_[0]; }
  bool IsDescriptorClosed() override { return false; }
  void OnEvent(uint32_t, int) override {
    char bytes[64];
    if (read(ends_[0], bytes, sizeof bytes) > 0) on_event();
  }

  std::function<void()> on_event;

 private:
  int ends_[2];
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

TEST(timer_thread_runs_what_is_due_when_it_is_awake) {
  Thread thread;
  Pipe pipe;
  int64_t due_ms = 0;
  bool ran = false, overlooked = false;
  int by_event = 0;
  pipe.on_event = [&] {
    const bool was_due = !ran && rtc::TimeMillis() >= due_ms;
    thread.sockets().RunTimers();
    overlooked = overlooked || (was_due && !ran);
    by_event += was_due;
  };
  thread->BlockingCall([&] { thread.sockets().Add(&pipe); });
  constexpr int kRounds = 40;
  for (int i = 0; i < kRounds; ++i) {
    std::atomic<bool> done{false};
    thread->BlockingCall([&] {
      ran = false;
      thread->PostDelayedTask([&] { ran = done = true; }, TimeDelta::Millis(1));
      // Asked for after it was posted, which may take long. It counts in whole milliseconds.
      due_ms = rtc::TimeMillis() + 2;
    });
    while (!done) {
      pipe.Write();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  thread->BlockingCall([&] { thread.sockets().Remove(&pipe); });
  REQUIRE(!overlooked);
  // The thread wakes up for a timer after up to 16 ms. A test that is stopped for so long misses that one.
  REQUIRE(by_event >= kRounds / 4);
}

TEST(timer_thread_runs_timers_while_task_follows_task) {
  Thread thread;
  std::promise<void> done;
  bool over = false;
  std::function<void()> again = [&] {
    if (!over) thread->PostTask([&] { again(); });
  };
  thread->PostTask([&] {
    thread->PostDelayedTask(
        [&] {
          over = true;
          done.set_value();
        },
        TimeDelta::Millis(1));
    again();
  });
  REQUIRE(done.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  thread->Stop();
}

TEST(timer_thread_is_woken_once_for_several_tasks) {
  Thread thread;
  std::atomic<int> runs{0};
  while (!thread.sockets().sleeps) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  {
    const Wakeups wakeups;
    thread->PostTask([&] { ++runs; });
    thread->PostTask([&] { ++runs; });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    REQUIRE_EQ(runs.load(), 0);
  }
  while (runs < 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  // Whoever waits for the thread wakes it.
  const Wakeups wakeups;
  thread->PostTask([&] { ++runs; });
  thread->BlockingCall([&] { ++runs; });
  REQUIRE_EQ(runs.load(), 4);
}
