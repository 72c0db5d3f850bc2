#include "codecs/codec_options.h"

#include <algorithm>

#include "core/json.h"
#include "core/result.h"

namespace sora {

CodecOptions ParseCodecOptions(std::string_view text) {
  return text.empty() ? CodecOptions() : ReadCodecOptions(ParseObject(text, "options"));
}

CodecOptions ReadCodecOptions(const Json& json, std::string_view other) {
  CodecOptions options;
  for (const auto& [key, value] : *json.object())
    if (key != "codecs" && key != "openh264" && (other.empty() || key != other))
      throw Error(SORA_ERROR_INVALID_ARGUMENT, "options." + key + " is not known");
  options.openh264 = OptionalText(json, "openh264", "");
  const Json* const found = json.Find("codecs");
  if (!found) return options;
  const Json::Array* const codecs = found->array();
  if (!codecs || codecs->size() > 16) Refuse("codecs", "an array of at most 16 objects");
  options.preferences.emplace();
  for (size_t i = 0; i < codecs->size(); ++i) {
    const Json& entry = (*codecs)[i];
    const std::string path = "codecs[" + std::to_string(i) + "].";
    if (!entry.object()) Refuse(path.substr(0, path.size() - 1), "an object");
    CodecPreference preference{Text(entry, "type", path), OptionalText(entry, "encoder", path),
                               OptionalText(entry, "decoder", path), OptionalText(entry, "fallbackEncoder", path),
                               OptionalText(entry, "fallbackDecoder", path)};
    static constexpr const char* kTypes[] = {"VP8", "VP9", "AV1", "H264", "H265"};
    if (std::find(std::begin(kTypes), std::end(kTypes), preference.codec) == std::end(kTypes))
      Refuse(path + "type", "\"VP8\", \"VP9\", \"AV1\", \"H264\" or \"H265\"");
    options.preferences->push_back(std::move(preference));
  }
  return options;
}

}  // namespace sora
