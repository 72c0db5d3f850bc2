// A limit of threads as RLIMIT_NPROC sets one, for the threads that this program starts: also as root, whom the real one spares.
#ifndef SORA_TESTS_THREAD_LIMIT_H
#define SORA_TESTS_THREAD_LIMIT_H

namespace test {

// From now on no more than `more` threads beyond those that there are; a negative number takes the limit away. False where
// threads cannot be counted: with sanitizers, which start them in a way of their own.
bool LimitThreads(int more);

// Takes the limit away in the end.
struct ThreadLimit {
  ThreadLimit() = default;
  ThreadLimit(const ThreadLimit&) = delete;
  ~ThreadLimit() { LimitThreads(-1); }
};

}  // namespace test

#endif
