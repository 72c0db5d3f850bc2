// Memory followed by a protected page: reading or writing one byte past its end ends the process, even in code that no sanitizer
// sees, such as assembly.
#ifndef SORA_TESTS_GUARDED_H
#define SORA_TESTS_GUARDED_H

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "harness.h"

namespace test {

class Guarded {
 public:
  static constexpr uint8_t kUntouched = 0xa5;

  explicit Guarded(size_t size) : size_(size) {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t inside = (size + page) / page * page;
    mapped_ = inside + page;
    void* const memory = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    begin_ = static_cast<uint8_t*>(memory);
    REQUIRE(mprotect(begin_ + inside, page, PROT_NONE) == 0);
    std::memset(begin_, kUntouched, inside);
    data_ = begin_ + inside - size;
  }
  ~Guarded() { munmap(begin_, mapped_); }
  Guarded(const Guarded&) = delete;

  uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

  // Whether nothing was written before it; there is at least one byte.
  bool UntouchedBefore() const {
    for (const uint8_t* at = begin_; at < data_; ++at)
      if (*at != kUntouched) return false;
    return true;
  }

 private:
  const size_t size_;
  size_t mapped_;
  uint8_t* begin_;
  uint8_t* data_;
};

}  // namespace test

#endif
