// Writes the JSON documents of the C ABI.
#ifndef SORA_CORE_JSON_WRITER_H
#define SORA_CORE_JSON_WRITER_H

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace sora {

// Appends a text as a JSON string; bytes that are not UTF-8 are replaced by U+FFFD.
void AppendQuoted(std::string& json, std::string_view text);

// An object or an array that is being written.
template <char kBegin, char kEnd>
class JsonList {
 public:
  // The whole of it.
  std::string text() const { return json_ + kEnd; }

 protected:
  void Next() {
    if (json_.size() > 1) json_ += ',';
  }
  // Appends a truth value, an integer, a text, an object or an array.
  template <typename Value>
  void Append(const Value& value) {
    if constexpr (std::same_as<Value, bool>)
      json_ += value ? "true" : "false";
    else if constexpr (std::integral<Value>)
      json_ += std::to_string(value);
    else if constexpr (std::is_convertible_v<const Value&, std::string_view>)
      AppendQuoted(json_, value);
    else
      json_ += value.text();
  }

  std::string json_{kBegin};
};

// {"name":value,…}
class JsonObject : public JsonList<'{', '}'> {
 public:
  template <typename Value>
  JsonObject& Add(std::string_view name, const Value& value) {
    Next();
    AppendQuoted(json_, name);
    json_ += ':';
    Append(value);
    return *this;
  }
};

// [value,…]
class JsonArray : public JsonList<'[', ']'> {
 public:
  template <typename Value>
  JsonArray& Add(const Value& value) {
    Next();
    Append(value);
    return *this;
  }
};

}  // namespace sora

#endif
