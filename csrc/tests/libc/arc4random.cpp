// A function of glibc 2.36 that std::random_device of libstdc++ needs, where a program keeps all of libstdc++.
#include <stdlib.h>
#include <sys/random.h>

extern "C" unsigned arc4random() {
  unsigned value = 0;
  if (getrandom(&value, sizeof(value), 0) != static_cast<ssize_t>(sizeof(value))) abort();
  return value;
}
