// A limit on the threads of this program, like RLIMIT_NPROC, which does not apply to root.
#ifndef SORA_TESTS_THREAD_LIMIT_H
#define SORA_TESTS_THREAD_LIMIT_H

namespace test {

// From now on at most `more` additional threads can be started; a negative number removes the limit. False where threads cannot be
// counted: with sanitizers, which start them in their own way.
bool LimitThreads(int more);

// Removes the limit in the end.
struct ThreadLimit {
  ThreadLimit() = default;
  ThreadLimit(const ThreadLimit&) = delete;
  ~ThreadLimit() { LimitThreads(-1); }
};

}  // namespace test

#endif
