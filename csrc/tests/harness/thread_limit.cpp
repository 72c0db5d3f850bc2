#include "thread_limit.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include <atomic>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SORA_TESTS_SANITIZED
#endif
#endif

#ifdef SORA_TESTS_SANITIZED

bool test::LimitThreads(int) { return false; }

#else

namespace {

std::atomic<int> alive{0};
std::atomic<int> most{-1};

struct Beginning {
  void* (*run)(void*);
  void* argument;
};

void* Begin(void* beginning) {
  const Beginning begun = *static_cast<Beginning*>(beginning);
  delete static_cast<Beginning*>(beginning);
  void* const result = begun.run(begun.argument);
  alive.fetch_sub(1);
  return result;
}

}  // namespace

bool test::LimitThreads(int more) {
  most = more < 0 ? -1 : alive + more;
  return true;
}

// Takes precedence over the C library's in this program and in the libraries that it opens.
extern "C" __attribute__((visibility("default"))) int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                                                                     void* (*run)(void*), void* argument) {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  const int limit = most;
  if (alive.fetch_add(1) >= limit && limit >= 0) {
    alive.fetch_sub(1);
    return EAGAIN;
  }
  auto* const beginning = new Beginning{run, argument};
  const int error = create(thread, attributes, &Begin, beginning);
  if (error) {
    alive.fetch_sub(1);
    delete beginning;
  }
  return error;
}

#endif
