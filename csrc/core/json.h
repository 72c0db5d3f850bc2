// Reads and writes the JSON documents of the C ABI. What is wrong throws SORA_ERROR_INVALID_ARGUMENT with the path of the field,
// but never with its value: it may be a secret. A path passed to a function is a prefix that ends where the key follows.
#ifndef SORA_CORE_JSON_H
#define SORA_CORE_JSON_H

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sora {

using Json = nlohmann::json;

[[noreturn]] void Refuse(const std::string& path, const char* expected);

// The text of a JSON value; bytes that are not UTF-8 are replaced.
std::string Dump(const Json& json);

Json ParseObject(std::string_view text, const char* what);

std::string Text(const Json& json, const char* key, const std::string& path);
std::optional<std::string> OptionalText(const Json& json, const char* key, const std::string& path);
std::optional<double> OptionalNumber(const Json& json, const char* key, double low, double high, const std::string& path);
std::optional<bool> OptionalBool(const Json& json, const char* key, const std::string& path);

}  // namespace sora

#endif
