// A small test runner: TEST registers a function, REQUIRE ends it, Run runs all of them and reports.
#ifndef SORA_TESTS_HARNESS_H
#define SORA_TESTS_HARNESS_H

#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

namespace test {

struct Failure {
  std::string reason;
};

struct Case {
  const char* name;
  const char* file;
  void (*run)();
};

struct Registration {
  Registration(const char* name, const char* file, void (*run)());
};

// Runs every test whose name contains all of the arguments, each within limit_s seconds, followed by `after`, whose failures count
// as those of the test. Prints `ok NAME` or `not ok NAME: reason` for each and `N passed, N failed` at the end; writes
// a JUnit report to the path in SORA_TEST_REPORT when there is one. Returns the exit status.
int Run(int argc, char** argv, int limit_s, void (*after)());

[[noreturn]] void Fail(const char* file, int line, const std::string& reason);

template <typename T>
std::string Show(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return '"' + std::string(std::string_view(value)) + '"';
  } else {
    std::ostringstream out;
    if constexpr (std::is_enum_v<T>) {
      out << static_cast<int64_t>(value);
    } else {
      out << +value;
    }
    return out.str();
  }
}

template <typename A, typename B>
void RequireEqual(const A& actual, const B& expected, const char* text, const char* file, int line) {
  if constexpr (std::is_arithmetic_v<A> && std::is_enum_v<B>) {
    if (actual == static_cast<A>(expected)) return;
  } else if constexpr (std::is_integral_v<A> && std::is_integral_v<B>) {
    if (static_cast<int64_t>(actual) == static_cast<int64_t>(expected)) return;
  } else {
    if (actual == expected) return;
  }
  Fail(file, line, std::string(text) + " is " + Show(actual) + ", not " + Show(expected));
}

}  // namespace test

#define TEST(name)                                                              \
  static void name();                                                           \
  static const ::test::Registration registration_##name(#name, __FILE__, name); \
  static void name()

#define REQUIRE(condition) ((condition) ? void() : ::test::Fail(__FILE__, __LINE__, "this does not hold: " #condition))
#define REQUIRE_EQ(actual, expected) ::test::RequireEqual((actual), (expected), #actual, __FILE__, __LINE__)
#define REQUIRE_HAS(text, part)                                \
  (std::string_view(text).find(part) != std::string_view::npos \
       ? void()                                                \
       : ::test::Fail(__FILE__, __LINE__, ::test::Show(text) + " does not contain " + ::test::Show(part)))
#define REQUIRE_HAS_NOT(text, part)                            \
  (std::string_view(text).find(part) == std::string_view::npos \
       ? void()                                                \
       : ::test::Fail(__FILE__, __LINE__, ::test::Show(text) + " contains " + ::test::Show(part)))

#endif
