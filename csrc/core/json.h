// Reading the JSON documents that cross the C ABI. What is wrong throws SORA_ERROR_INVALID_ARGUMENT with the path of the
// field, and never with its value: it may be a secret. A path given to a function ends where the key is to follow.
#ifndef SORA_CORE_JSON_H
#define SORA_CORE_JSON_H

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sora {

using Json = nlohmann::json;

[[noreturn]] void Refuse(const std::string& path, const char* expected);

Json ParseObject(std::string_view text, const char* what);

std::string Text(const Json& json, const char* key, const std::string& path);
std::optional<std::string> OptionalText(const Json& json, const char* key, const std::string& path);
std::optional<double> OptionalNumber(const Json& json, const char* key, double low, double high, const std::string& path);
std::optional<bool> OptionalBool(const Json& json, const char* key, const std::string& path);

}  // namespace sora

#endif
