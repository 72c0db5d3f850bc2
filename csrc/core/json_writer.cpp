#include "core/json_writer.h"

#include "core/utf8.h"

namespace sora {

void AppendQuoted(std::string& json, std::string_view text) {
  json += '"';
  for (size_t at = 0; at < text.size();) {
    const size_t size = Utf8Size(text.substr(at));
    const auto c = static_cast<unsigned char>(text[at]);
    if (size == 0) {
      json += "\xef\xbf\xbd";
    } else if (c == '"' || c == '\\') {
      (json += '\\') += text[at];
    } else if (c < 0x20) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      ((json += "\\u00") += kDigits[c >> 4]) += kDigits[c & 15];
    } else {
      json.append(text.substr(at, size));
    }
    at += size == 0 ? 1 : size;
  }
  json += '"';
}

}  // namespace sora
