#include "runtime/task_queues.h"

#include <condition_variable>
#include <string>
#include <system_error>
#include <vector>

#include "core/result.h"
#include "net/timer_sockets.h"
#include "os/thread.h"
#include "rtc_base/logging.h"

namespace sora {
namespace {
constexpr size_t kThreads = 8;
}

class TaskQueue : public webrtc::TaskQueueBase {
 public:
  explicit TaskQueue(std::shared_ptr<TaskRunner> runner) : runner_(std::move(runner)) {}

  bool removed = false;  // guarded by the runner's mutex: what is posted from now on is discarded

  // Starts a thread for the queue; throws std::system_error when the system starts none.
  void Start(std::string name, ThreadRole role, bool raise) {
    thread_ = std::thread([runner = runner_, name = std::move(name), role, raise] {
      NameThread(name);
      if (raise) RaiseThread(role);
      // A decoder reports each frame twice. What an encoder makes leaves at once: the layers of a frame take their time.
      runner->Run(/*wake_once=*/role == ThreadRole::kDecoder);
    });
  }

  void Delete() override {
    runner_->Remove(this);
    if (thread_.joinable()) {
      runner_->Stop();
      // A task may own what owns its queue: then its end is the end of the thread, which holds the runner.
      if (thread_.get_id() == std::this_thread::get_id())
        thread_.detach();
      else
        thread_.join();
    }
    delete this;
  }

  // Runs or discards a task with this queue as the current one.
  void Run(TaskRunner::Task task) {
    const CurrentTaskQueueSetter current(this);
    std::move(task)();
    task = nullptr;
  }
  void Discard(TaskRunner::Task task) {
    const CurrentTaskQueueSetter current(this);
    task = nullptr;
  }

 private:
  void PostTaskImpl(TaskRunner::Task task, const PostTaskTraits&, const webrtc::Location&) override {
    runner_->Post(this, std::move(task));
  }
  void PostDelayedTaskImpl(TaskRunner::Task task, webrtc::TimeDelta delay, const PostDelayedTaskTraits&,
                           const webrtc::Location&) override {
    runner_->PostAt(this, std::move(task), TaskRunner::Clock::now() + std::chrono::microseconds(delay.us()));
  }

  const std::shared_ptr<TaskRunner> runner_;
  std::thread thread_;
};

bool TaskRunner::Next(Entry& entry) {
  const auto due = delayed_.begin();
  const bool is_due = due != delayed_.end() && due->first.first <= Clock::now();
  if (is_due && (ready_.empty() || due->second.order < ready_.front().order)) {
    entry = std::move(due->second);
    delayed_.erase(due);
    return true;
  }
  if (ready_.empty()) return false;
  entry = std::move(ready_.front());
  ready_.pop_front();
  return true;
}

void TaskRunner::Run(bool wake_once) {
  std::unique_lock lock(mutex_);
  thread_ = std::this_thread::get_id();
  while (true) {
    Entry entry{};
    if (Next(entry)) {
      running_ = entry.queue;
      lock.unlock();
      if (wake_once) {
        const Wakeups wakeups;
        entry.queue->Run(std::move(entry.task));
      } else {
        entry.queue->Run(std::move(entry.task));
      }
      lock.lock();
      running_ = nullptr;
      done_.notify_all();
    } else if (stopped_) {
      return;
    } else if (delayed_.empty()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, delayed_.begin()->first.first);
    }
  }
}

void TaskRunner::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
}

void TaskRunner::Post(TaskQueue* queue, Task task) {
  {
    std::lock_guard lock(mutex_);
    if (queue->removed) return;
    ready_.push_back({queue, ++order_, std::move(task)});
  }
  wake_.notify_one();
}

void TaskRunner::PostAt(TaskQueue* queue, Task task, Clock::time_point when) {
  {
    std::lock_guard lock(mutex_);
    if (queue->removed) return;
    const uint64_t order = ++order_;
    delayed_.emplace(std::pair(when, order), Entry{queue, order, std::move(task)});
  }
  wake_.notify_one();
}

void TaskRunner::Remove(TaskQueue* queue) {
  std::vector<Task> discarded;
  std::unique_lock lock(mutex_);
  queue->removed = true;
  for (auto entry = ready_.begin(); entry != ready_.end();) {
    if (entry->queue != queue) {
      ++entry;
      continue;
    }
    discarded.push_back(std::move(entry->task));
    entry = ready_.erase(entry);
  }
  for (auto entry = delayed_.begin(); entry != delayed_.end();) {
    if (entry->second.queue != queue) {
      ++entry;
      continue;
    }
    discarded.push_back(std::move(entry->second.task));
    entry = delayed_.erase(entry);
  }
  if (thread_ != std::this_thread::get_id()) done_.wait(lock, [&] { return running_ != queue; });
  lock.unlock();
  for (Task& task : discarded) queue->Discard(std::move(task));
}

namespace {

// libwebrtc marks the queues of received video as high and those of all encoders as normal.
ThreadRole RoleOf(absl::string_view name, webrtc::TaskQueueFactory::Priority priority) {
  if (name == "AudioEncoder") return ThreadRole::kAudio;
  return priority == webrtc::TaskQueueFactory::Priority::HIGH ? ThreadRole::kDecoder : ThreadRole::kEncoder;
}

class TaskQueueFactory : public webrtc::TaskQueueFactory {
 public:
  TaskQueueFactory(std::shared_ptr<TaskRunner> shared, bool raise) : shared_(std::move(shared)), raise_(raise) {}

  std::unique_ptr<webrtc::TaskQueueBase, webrtc::TaskQueueDeleter> CreateTaskQueue(absl::string_view name,
                                                                                   Priority priority) const override {
    std::unique_ptr<webrtc::TaskQueueBase, webrtc::TaskQueueDeleter> made;
    auto queue = std::make_unique<TaskQueue>(std::make_shared<TaskRunner>());
    try {
      queue->Start(std::string(name), RoleOf(name, priority), raise_);
      made.reset(queue.release());
    } catch (const std::system_error& error) {
      RTC_LOG(LS_ERROR) << "Cannot start a thread for " << name << ", which shares one from now on: " << error.what();
      made.reset(new TaskQueue(shared_));
    }
    return made;
  }

 private:
  const std::shared_ptr<TaskRunner> shared_;
  const bool raise_;
};

}  // namespace

std::unique_ptr<webrtc::TaskQueueFactory> CreateTaskQueueFactory(std::shared_ptr<TaskRunner> shared, bool raise) {
  return std::make_unique<TaskQueueFactory>(std::move(shared), raise);
}

void RequireThreads() {
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  std::vector<std::thread> threads;
  try {
    threads.reserve(kThreads);
    while (threads.size() < kThreads)
      threads.emplace_back([&] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return over; });
      });
  } catch (const std::system_error&) {
    // Fewer than needed.
  }
  {
    std::lock_guard lock(mutex);
    over = true;
  }
  changed.notify_all();
  for (std::thread& thread : threads) thread.join();
  if (threads.size() < kThreads)
    throw Error(SORA_ERROR_LIMIT,
                "cannot start the " + std::to_string(kThreads) + " threads that a connection needs: " + ThreadLimit());
}

}  // namespace sora
