#include "core/json.h"

#include "core/result.h"

namespace sora {

void Refuse(const std::string& path, const char* expected) {
  throw Error(SORA_ERROR_INVALID_ARGUMENT, path + " must be " + expected);
}

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json ParseObject(std::string_view text, const char* what) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) Refuse(what, "a JSON object");
  return json;
}

std::string Text(const Json& json, const char* key, const std::string& path) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) Refuse(path + key, "a string");
  return found->get<std::string>();
}

std::optional<std::string> OptionalText(const Json& json, const char* key, const std::string& path) {
  if (!json.contains(key)) return std::nullopt;
  return Text(json, key, path);
}

std::optional<double> OptionalNumber(const Json& json, const char* key, double low, double high, const std::string& path) {
  const auto found = json.find(key);
  if (found == json.end()) return std::nullopt;
  if (!found->is_number()) Refuse(path + key, "a number");
  const double value = found->get<double>();
  if (!(value >= low && value <= high)) Refuse(path + key, "a number in range");
  return value;
}

std::optional<bool> OptionalBool(const Json& json, const char* key, const std::string& path) {
  const auto found = json.find(key);
  if (found == json.end()) return std::nullopt;
  if (!found->is_boolean()) Refuse(path + key, "true or false");
  return found->get<bool>();
}

}  // namespace sora
