#include "os/thread.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace sora {
namespace {

// What a role gets. Weights double about every three steps of the nice value: a thread at -8 gets six times as much as one of another
// program at 0.
struct Rank {
  bool
      real_time;  // for threads that work for microseconds: one that works for longer would keep all others from its processor
  bool batch;     // wakes without taking the processor from the thread that woke it, which is the caller's for an encoder
  int nice;
};

constexpr Rank RankOf(ThreadRole role) {
  switch (role) {
    case ThreadRole::kAudio: return {.real_time = true, .batch = false, .nice = -14};
    case ThreadRole::kNetwork: return {.real_time = false, .batch = false, .nice = -12};
    case ThreadRole::kDecoder: return {.real_time = false, .batch = false, .nice = -10};
    case ThreadRole::kEncoder: return {.real_time = false, .batch = true, .nice = -8};
  }
  return {};
}

// On Linux, all of these are of one thread; that of the process is its first one.
int NiceOf(pid_t thread) { return getpriority(PRIO_PROCESS, static_cast<id_t>(thread)); }
bool SetNice(int nice) { return setpriority(PRIO_PROCESS, 0, nice) == 0; }
bool SetPolicy(int policy, int priority) {
  const sched_param parameter{.sched_priority = priority};
  return sched_setscheduler(0, policy, &parameter) == 0;
}

// Sets a nice value, or one as near to it as the system allows (RLIMIT_NICE counts from 20 down). Threads begin with that of the thread
// that starts them.
void ChooseNice(int nice, int of_process) {
  if (SetNice(nice)) return;
  rlimit limit{};
  getrlimit(RLIMIT_NICE, &limit);
  const int lowest = 20 - static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 40));
  SetNice(std::clamp(lowest, nice, of_process));
}

}  // namespace

std::string RaiseThread(ThreadRole role) {
  const Rank rank = RankOf(role);
  const int of_process = NiceOf(getpid());
  if (of_process <= 0 && sched_getscheduler(getpid()) == SCHED_OTHER) {
    ChooseNice(std::min(rank.nice, of_process), of_process);
    // What a real-time thread starts is an ordinary one.
    if (rank.real_time && SetPolicy(SCHED_RR | SCHED_RESET_ON_FORK, 1)) return "real-time 1";
    // Without a better share of the processor it would only be late.
    SetPolicy(rank.batch && NiceOf(0) < of_process ? SCHED_BATCH : SCHED_OTHER, 0);
  }
  return "nice " + std::to_string(NiceOf(0));
}

void NameThread(const std::string& name) { pthread_setname_np(pthread_self(), name.substr(0, 15).c_str()); }

const char* ThreadLimit() {
  return "the limit of the user (RLIMIT_NPROC) or of the container is reached; raise it or close connections";
}

}  // namespace sora
