// libwebrtc's task queues, on threads of their own for as long as the system starts any: libwebrtc's own end the process where it
// starts none. From then on further queues share one thread, which is slower and safe.
#ifndef SORA_PEER_TASK_QUEUES_H
#define SORA_PEER_TASK_QUEUES_H

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

// What one thread does for one or several queues: their tasks one at a time, in the order in which they were posted or are due.
class TaskRunner {
 public:
  using Task = absl::AnyInvocable<void() &&>;
  using Clock = std::chrono::steady_clock;

  // Runs tasks on the calling thread until Stop was called, then those that are left without a delay.
  void Run();
  void Stop();

  void Post(TaskQueue* queue, Task task);
  void PostAt(TaskQueue* queue, Task task, Clock::time_point when);
  // Forgets the queue's tasks; none of them runs any more once it has returned. Called on the runner's thread, it is from within
  // one of them, or from behind Run.
  void Remove(TaskQueue* queue);

 private:
  struct Entry {
    TaskQueue* queue;
    uint64_t order;
    Task task;
  };
  using Delayed = std::map<std::pair<Clock::time_point, uint64_t>, Entry>;

  // With the mutex locked: the next that is due. False when there is none.
  bool Next(Entry& entry);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;  // a task is
  std::deque<Entry> ready_;
  Delayed delayed_;
  uint64_t order_ = 0;
  TaskQueue* running_ = nullptr;
  std::thread::id thread_;
  bool stopped_ = false;
};

// Makes queues; those that get no thread of their own go to `shared`, which somebody runs for as long as there are queues.
std::unique_ptr<webrtc::TaskQueueFactory> CreateTaskQueueFactory(std::shared_ptr<TaskRunner> shared);

// The end of an error that says which threads cannot be started.
inline constexpr char kThreadLimit[] =
    ": the limit of the user (RLIMIT_NPROC) or of the container is reached; raise it or close connections";

// Throws SORA_ERROR_LIMIT unless the system starts as many threads now as a connection takes that sends and receives.
void RequireThreads();

}  // namespace sora

#endif
