// Failures: what is thrown internally, and how a C function converts it to a code and a text.
#ifndef SORA_CORE_RESULT_H
#define SORA_CORE_RESULT_H

#include <exception>
#include <string>
#include <utility>

#include "sora_ffi/result.h"

namespace sora {

class Error : public std::exception {
 public:
  Error(sora_result code, std::string text) : code_(code), text_(std::move(text)) {}
  sora_result code() const { return code_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  sora_result code_;
  std::string text_;
};

// Stores the text for sora_last_error on this thread and returns the code.
int32_t Fail(sora_result code, const char* text) noexcept;

// Runs the body of a C function; returns its value, or the code of what it threw.
template <typename Body>
int32_t Guard(Body&& body) noexcept {
  try {
    return std::forward<Body>(body)();
  } catch (const Error& error) {
    return Fail(error.code(), error.what());
  } catch (const std::exception& error) {
    return Fail(SORA_ERROR_INTERNAL, error.what());
  } catch (...) {
    return Fail(SORA_ERROR_INTERNAL, "unknown C++ exception");
  }
}

inline void Require(bool condition, const char* text) {
  if (!condition) throw Error(SORA_ERROR_INVALID_ARGUMENT, text);
}

}  // namespace sora

#endif
