// A program that exports all its symbols, as those with AddressSanitizer do, keeps all of libstdc++, whose std::random_device needs
// this function of glibc 2.36.
#include <stdlib.h>
#include <sys/random.h>

extern "C" unsigned arc4random() {
  unsigned value = 0;
  if (getrandom(&value, sizeof(value), 0) != static_cast<ssize_t>(sizeof(value))) abort();
  return value;
}
