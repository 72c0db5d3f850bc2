// Task queues for libwebrtc, each on a thread of its own as long as the system can start threads. From then on further queues
// share one thread, which is slower but safe: libwebrtc's own task queues end the process.
#ifndef SORA_RUNTIME_TASK_QUEUES_H
#define SORA_RUNTIME_TASK_QUEUES_H

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "api/task_queue/task_queue_factory.h"

namespace sora {

class TaskQueue;

// The tasks of one or several queues, run by one thread, one at a time, in the order in which they were posted or are due.
class TaskRunner {
 public:
  using Task = absl::AnyInvocable<void() &&>;
  using Clock = std::chrono::steady_clock;

  // Runs tasks on the calling thread until Stop is called, then those that are left and not delayed. wake_once: whether libwebrtc's
  // thread is woken only at the end of a task that posts several there, which none of them may wait for.
  void Run(bool wake_once = false);
  void Stop();

  void Post(TaskQueue* queue, Task task);
  void PostAt(TaskQueue* queue, Task task, Clock::time_point when);
  // Discards the queue's tasks; once this returns, none of them runs any more. On the runner's own thread it is called from
  // within one of them, or after Run.
  void Remove(TaskQueue* queue);

 private:
  struct Entry {
    TaskQueue* queue;
    uint64_t order;
    Task task;
  };
  using Delayed = std::map<std::pair<Clock::time_point, uint64_t>, Entry>;

  // With the mutex locked: the next task that is due. False when there is none.
  bool Next(Entry& entry);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;  // a task has run
  std::deque<Entry> ready_;
  Delayed delayed_;
  uint64_t order_ = 0;
  TaskQueue* running_ = nullptr;
  std::thread::id thread_;
  bool stopped_ = false;
};

// Makes queues; those that get no thread of their own use `shared`, which the caller runs for as long as there are queues. raise:
// whether their threads come before those of other programs.
std::unique_ptr<webrtc::TaskQueueFactory> CreateTaskQueueFactory(std::shared_ptr<TaskRunner> shared, bool raise);

// Throws SORA_ERROR_LIMIT unless the system can now start as many threads as a connection needs that sends and receives.
void RequireThreads();

}  // namespace sora

#endif
