// Fuzz targets: FUZZ_TARGET registers one, `sora_ffi_fuzz` runs them with libFuzzer.
#ifndef SORA_FUZZ_FUZZ_H
#define SORA_FUZZ_FUZZ_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tests/harness/harness.h"

namespace fuzz {

using Bytes = std::vector<uint8_t>;

struct Target {
  const char* name;
  unsigned runs;      // of the short run among the tests
  unsigned max_size;  // of an input
  void (*run)(std::span<const uint8_t> input);
  std::vector<Bytes> (*seeds)();  // what it begins with
};

struct Registration {
  explicit Registration(const Target& target);
};

// Runs a target for its number of runs in a process of its own: the test that stands for it.
void RunShortly(const Target& target);

// Marks a state that was reached, so that libFuzzer keeps the inputs that reach it: of code that is not compiled for it.
void Reached(uint32_t state);

// Ends the process, which libFuzzer reports together with the input.
[[noreturn]] void Wrong(const char* file, int line, const char* what);

// Reads an input as a script: numbers, choices and bytes; what is read behind its end is 0.
class Script {
 public:
  explicit Script(std::span<const uint8_t> input) : rest_(input) {}

  bool done() const { return rest_.empty(); }
  std::span<const uint8_t> rest() const { return rest_; }
  // A number of so many bytes, the highest first.
  uint32_t Number(size_t bytes) {
    uint32_t value = 0;
    for (const uint8_t byte : Take(bytes)) value = value << 8 | byte;
    return value;
  }
  uint8_t Byte() { return static_cast<uint8_t>(Number(1)); }
  // Up to so many bytes.
  std::span<const uint8_t> Take(size_t bytes) {
    const auto taken = rest_.first(bytes < rest_.size() ? bytes : rest_.size());
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  std::span<const uint8_t> rest_;
};

// Appends what a script reads by Take(Number(2)).
inline void AppendSized(Bytes& script, std::span<const uint8_t> bytes) {
  script.push_back(static_cast<uint8_t>(bytes.size() >> 8));
  script.push_back(static_cast<uint8_t>(bytes.size()));
  script.insert(script.end(), bytes.begin(), bytes.end());
}

}  // namespace fuzz

#define FUZZ_REQUIRE(condition) ((condition) ? void() : ::fuzz::Wrong(__FILE__, __LINE__, #condition))

// FUZZ_TARGET(name, runs, max_size) { ... } defines what takes `input`; a function name_seeds() stands before it.
#define FUZZ_TARGET(name, runs, max_size)                                                                                 \
  static void name(std::span<const uint8_t> input);                                                                       \
  static constexpr ::fuzz::Target target_##name{#name, runs, max_size, name, name##_seeds};                               \
  static const ::fuzz::Registration fuzz_registration_##name(target_##name);                                              \
  static const ::test::Registration test_registration_##name(#name, __FILE__, [] { ::fuzz::RunShortly(target_##name); }); \
  static void name(std::span<const uint8_t> input)

#endif
