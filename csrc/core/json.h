// Reads the JSON documents of the C ABI (RFC 8259). What is wrong throws SORA_ERROR_INVALID_ARGUMENT with the path of the field, but
// never with its value: it may be a secret. A path passed to a function is a prefix that ends where the key follows.
#ifndef SORA_CORE_JSON_H
#define SORA_CORE_JSON_H

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sora {

// A value. Memory that runs out is an exception, also while one is destroyed: nlohmann::json allocates in its destructor and in its
// lexer's reset(), both noexcept, which ends the process.
class Json {
 public:
  struct Member;
  using Array = std::vector<Json>;
  using Object = std::vector<Member>;
  using Value = std::variant<std::nullptr_t, bool, double, std::string, Array, Object>;

  // Values within values: deeper ones are refused, since each level takes room on the stack.
  static constexpr int kMaxDepth = 32;

  Json() = default;
  explicit Json(Value value);

  // Nothing when the text is not JSON in UTF-8, has a number beyond a double's, or is nested too deeply.
  static std::optional<Json> Parse(std::string_view text);

  // The value as what it is; null when it is something else.
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const double* number() const { return std::get_if<double>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }

  // The value of an object's member, of the last with that name; null when there is none.
  const Json* Find(std::string_view name) const;

 private:
  Value value_;
};

// A member of an object.
struct Json::Member {
  std::string name;
  Json value;
};

inline Json::Json(Value value) : value_(std::move(value)) {}

[[noreturn]] void Refuse(const std::string& path, const char* expected);

Json ParseObject(std::string_view text, const char* what);

std::string Text(const Json& json, const char* key, const std::string& path);
std::optional<std::string> OptionalText(const Json& json, const char* key, const std::string& path);
std::optional<double> OptionalNumber(const Json& json, const char* key, double low, double high, const std::string& path);
std::optional<bool> OptionalBool(const Json& json, const char* key, const std::string& path);

}  // namespace sora

#endif
