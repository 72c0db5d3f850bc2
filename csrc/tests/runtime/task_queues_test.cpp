// Task queues with threads of their own and with one that they share.
#include "runtime/task_queues.h"

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "../harness/harness.h"
#include "../harness/thread_limit.h"

namespace {

using namespace sora;
using webrtc::TaskQueueBase;
using webrtc::TimeDelta;
using Queue = std::unique_ptr<TaskQueueBase, webrtc::TaskQueueDeleter>;

// A factory whose queues have threads of their own, or share one.
class Queues {
 public:
  explicit Queues(bool shared) : factory_(CreateTaskQueueFactory(runner_, false)) {
    if (!shared) return;
    thread_ = std::thread([this] { runner_->Run(); });
    test::LimitThreads(0);
  }
  ~Queues() {
    test::LimitThreads(-1);
    runner_->Stop();
    if (thread_.joinable()) thread_.join();
  }
  Queue Make() { return factory_->CreateTaskQueue("queue", webrtc::TaskQueueFactory::Priority::NORMAL); }

 private:
  const std::shared_ptr<TaskRunner> runner_ = std::make_shared<TaskRunner>();
  const std::unique_ptr<webrtc::TaskQueueFactory> factory_;
  std::thread thread_;
};

// Waits for the tasks posted before.
void Settle(TaskQueueBase& queue) {
  std::promise<void> done;
  queue.PostTask([&] { done.set_value(); });
  REQUIRE(done.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
}

template <typename Body>
void OnBoth(Body body) {
  for (const bool shared : {false, true}) {
    if (shared && !test::LimitThreads(-1)) return;
    Queues queues(shared);
    body(queues);
  }
}

}  // namespace

TEST(task_queues_run_tasks_in_order_each_as_the_current_one) {
  OnBoth([](Queues& queues) {
    const Queue first = queues.Make(), second = queues.Make();
    std::vector<int> order;
    std::atomic<int> wrong{0};
    for (int i = 0; i < 100; ++i) {
      first->PostTask([&, i] {
        order.push_back(i);
        wrong += !first->IsCurrent() || second->IsCurrent();
      });
      second->PostTask([&] { wrong += !second->IsCurrent() || first->IsCurrent(); });
    }
    Settle(*first);
    Settle(*second);
    REQUIRE_EQ(wrong.load(), 0);
    REQUIRE_EQ(order.size(), 100u);
    for (int i = 0; i < 100; ++i) REQUIRE_EQ(order[static_cast<size_t>(i)], i);
  });
}

TEST(task_queues_run_delayed_tasks_by_their_time) {
  OnBoth([](Queues& queues) {
    const Queue queue = queues.Make();
    const auto began = std::chrono::steady_clock::now();
    std::string order;
    std::promise<void> done;
    queue->PostDelayedTask([&] { (order += 'c', done.set_value()); }, TimeDelta::Millis(40));
    queue->PostDelayedHighPrecisionTask([&] { order += 'b'; }, TimeDelta::Millis(20));
    queue->PostTask([&] { order += 'a'; });
    REQUIRE(done.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
    REQUIRE_EQ(order, "abc");
    REQUIRE(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(40));
  });
}

TEST(task_queues_forget_their_tasks_when_they_are_deleted_and_wait_for_the_one_that_runs) {
  OnBoth([](Queues& queues) {
    Queue queue = queues.Make();
    const Queue other = queues.Make();
    std::promise<void> running;
    std::atomic<bool> over{false};
    std::atomic<int> late{0};
    auto held = std::make_shared<int>(0);
    queue->PostTask([&, at = queue.get()] {
      running.set_value();
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      at->PostTask([&, held] { ++late; });
      over = true;
    });
    queue->PostTask([&, held] { ++late; });
    queue->PostDelayedTask([&, held] { ++late; }, TimeDelta::Seconds(3'600));
    running.get_future().wait();
    queue = nullptr;
    REQUIRE(over.load());
    REQUIRE_EQ(held.use_count(), 1);
    Settle(*other);
    REQUIRE_EQ(late.load(), 0);
  });
}

TEST(task_queues_may_be_deleted_by_a_task_of_another) {
  OnBoth([](Queues& queues) {
    Queue queue = queues.Make();
    const Queue other = queues.Make();
    other->PostTask([&] { queue = nullptr; });
    Settle(*other);
    REQUIRE(queue == nullptr);
  });
}

// As in libwebrtc's delegates of frame transformers: each owns its queue, and the tasks that it posts there own it.
TEST(task_queues_may_be_deleted_by_the_last_task_of_their_own) {
  struct Owner {
    Queue queue;
    const std::shared_ptr<std::promise<void>> deleted = std::make_shared<std::promise<void>>();
    ~Owner() {
      queue = nullptr;
      deleted->set_value();
    }
  };
  OnBoth([](Queues& queues) {
    std::promise<void> go;
    std::atomic<int> late{0};
    auto owner = std::make_shared<Owner>();
    owner->queue = queues.Make();
    auto deleted = owner->deleted->get_future();
    TaskQueueBase& queue = *owner->queue;
    queue.PostTask([going = go.get_future().share(), owner = std::move(owner)] { going.wait(); });
    queue.PostTask([&] { ++late; });
    go.set_value();
    REQUIRE(deleted.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
    REQUIRE_EQ(late.load(), 0);
  });
}
