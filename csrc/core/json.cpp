#include "core/json.h"

#include <absl/strings/charconv.h>

#include <cmath>

#include "core/result.h"
#include "core/utf8.h"

namespace sora {
namespace {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  // The whole text as one value.
  bool Read(Json& out) {
    Value(out, 0);
    SkipBlanks();
    return good_ && at_ == text_.size();
  }

 private:
  void Fail() { good_ = false; }
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Skip(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void SkipBlanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool SkipDigits() {
    const size_t begin = at_;
    while (Peek() >= '0' && Peek() <= '9') ++at_;
    return at_ > begin;
  }

  void Value(Json& out, int depth) {
    SkipBlanks();
    switch (Peek()) {
      case '{': return Members(out, depth);
      case '[': return Elements(out, depth);
      case '"': {
        std::string text;
        if (String(text)) out = Json(std::move(text));
        return;
      }
      case 't': return Word("true", out, true);
      case 'f': return Word("false", out, false);
      case 'n': return Word("null", out, nullptr);
      default: return Number(out);
    }
  }

  void Word(std::string_view word, Json& out, Json::Value value) {
    if (text_.substr(at_, word.size()) != word) return Fail();
    at_ += word.size();
    out = Json(std::move(value));
  }

  void Number(Json& out) {
    const size_t begin = at_;
    Skip('-');
    if (!Skip('0') && !SkipDigits()) return Fail();
    if (Skip('.') && !SkipDigits()) return Fail();
    if (Skip('e') || Skip('E')) {
      if (!Skip('+')) Skip('-');
      if (!SkipDigits()) return Fail();
    }
    double value = 0;
    // Whatever the locale. Out of range is also what is next to 0.
    const auto result = absl::from_chars(text_.data() + begin, text_.data() + at_, value);
    if (result.ec == std::errc::result_out_of_range && std::abs(value) > 1) return Fail();
    out = Json(value);
  }

  // Whether a list of values goes on behind one of them, or ends with `end`.
  bool GoesOn(char end) {
    SkipBlanks();
    if (Skip(',')) return true;
    if (!Skip(end)) Fail();
    return false;
  }

  void Elements(Json& out, int depth) {
    ++at_;
    Json::Array elements;
    SkipBlanks();
    if (depth == Json::kMaxDepth) return Fail();
    for (bool more = !Skip(']'); more; more = good_ && GoesOn(']')) Value(elements.emplace_back(), depth + 1);
    out = Json(std::move(elements));
  }

  void Members(Json& out, int depth) {
    ++at_;
    Json::Object members;
    SkipBlanks();
    if (depth == Json::kMaxDepth) return Fail();
    for (bool more = !Skip('}'); more; more = good_ && GoesOn('}')) {
      SkipBlanks();
      Json::Member& member = members.emplace_back();
      if (!String(member.name)) return;
      SkipBlanks();
      if (!Skip(':')) return Fail();
      Value(member.value, depth + 1);
    }
    out = Json(std::move(members));
  }

  bool String(std::string& out) {
    for (bool inside = Skip('"'); inside;) {
      const char c = Peek();
      if (static_cast<unsigned char>(c) < 0x20) break;  // the end as well
      if (Skip('"')) return true;
      if (Skip('\\')) {
        inside = Escape(out);
        continue;
      }
      const size_t size = Utf8Size(text_.substr(at_));
      if (size == 0) break;
      out.append(text_.substr(at_, size));
      at_ += size;
    }
    Fail();
    return false;
  }

  bool Escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
    if (Skip('u')) {
      uint32_t unit = 0, low = 0;
      if (!Hexadecimal(unit)) return false;
      if (unit >= 0xd800 && unit < 0xdc00) {
        if (!Skip('\\') || !Skip('u') || !Hexadecimal(low) || low < 0xdc00 || low >= 0xe000) return false;
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
      } else if (unit >= 0xdc00 && unit < 0xe000) {
        return false;
      }
      AppendUtf8(out, unit);
      return true;
    }
    const size_t found = at_ < text_.size() ? kNames.find(text_[at_]) : std::string_view::npos;
    if (found == std::string_view::npos) return false;
    ++at_;
    out += kMeant[found];
    return true;
  }

  bool Hexadecimal(uint32_t& out) {
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = Peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      out = out << 4 | static_cast<uint32_t>(digit);
    }
    return true;
  }

  const std::string_view text_;
  size_t at_ = 0;
  bool good_ = true;
};

}  // namespace

std::optional<Json> Json::Parse(std::string_view text) {
  Json json;
  if (!JsonReader(text).Read(json)) return std::nullopt;
  return json;
}

const Json* Json::Find(std::string_view name) const {
  const Object* const members = object();
  if (!members) return nullptr;
  for (size_t i = members->size(); i > 0; --i)
    if ((*members)[i - 1].name == name) return &(*members)[i - 1].value;
  return nullptr;
}

void Refuse(const std::string& path, const char* expected) {
  throw Error(SORA_ERROR_INVALID_ARGUMENT, path + " must be " + expected);
}

Json ParseObject(std::string_view text, const char* what) {
  auto json = Json::Parse(text);
  if (!json || !json->object()) Refuse(what, "a JSON object");
  return std::move(*json);
}

std::string Text(const Json& json, const char* key, const std::string& path) {
  const Json* const found = json.Find(key);
  if (!found || !found->text()) Refuse(path + key, "a string");
  return *found->text();
}

std::optional<std::string> OptionalText(const Json& json, const char* key, const std::string& path) {
  if (!json.Find(key)) return std::nullopt;
  return Text(json, key, path);
}

std::optional<double> OptionalNumber(const Json& json, const char* key, double low, double high, const std::string& path) {
  const Json* const found = json.Find(key);
  if (!found) return std::nullopt;
  const double* const value = found->number();
  if (!value) Refuse(path + key, "a number");
  if (!(*value >= low && *value <= high)) Refuse(path + key, "a number in range");
  return *value;
}

std::optional<bool> OptionalBool(const Json& json, const char* key, const std::string& path) {
  const Json* const found = json.Find(key);
  if (!found) return std::nullopt;
  const bool* const value = found->boolean();
  if (!value) Refuse(path + key, "true or false");
  return *value;
}

}  // namespace sora
