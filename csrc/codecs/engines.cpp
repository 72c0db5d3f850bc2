#include "codecs/engines.h"

#include <absl/strings/match.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/video_codecs/h265_profile_tier_level.h"
#include "codecs/engine_kinds.h"
#include "codecs/video_codec_factories.h"
#include "core/result.h"
#include "media/base/media_constants.h"

namespace sora {
namespace {

using Formats = std::vector<webrtc::SdpVideoFormat>;

constexpr const char* kCodecs[] = {"VP8", "VP9", "AV1", "H264", "H265"};

// An H.265 format at its own level and at each below (ITU-T H.265, table A.8): to libwebrtc another level is another codec, and
// a server may ask for any of them.
void AppendLevels(Formats& formats, const webrtc::SdpVideoFormat& format) {
  const auto highest = webrtc::ParseSdpForH265ProfileTierLevel(format.parameters);
  if (!highest) return;
  for (const int level : {186, 183, 180, 156, 153, 150, 123, 120, 93, 90, 63, 60, 30}) {
    if (level > static_cast<int>(highest->level)) continue;
    formats.push_back(format);
    formats.back().parameters[cricket::kH265FmtpLevelId] = std::to_string(level);
  }
}

Formats FormatsOf(const CodecEngine& engine, const std::string& codec, bool encoder) {
  Formats formats;
  for (auto& format : encoder ? engine.EncoderFormats() : engine.DecoderFormats()) {
    if (!absl::EqualsIgnoreCase(format.name, codec)) continue;
    if (codec == "H265")
      AppendLevels(formats, format);
    else
      formats.push_back(std::move(format));
  }
  return formats;
}

}  // namespace

CodecEngines::CodecEngines(const CodecOptions& options) {
  for (const EngineKind& kind : EngineKinds()) {
    Entry entry{kind.name, kind.by_default, nullptr, ""};
    entry.engine = kind.create(options, entry.why_not);
    engines_.push_back(std::move(entry));
  }
  if (options.preferences) {
    preferences_ = *options.preferences;
    return;
  }
  for (const char* codec : kCodecs) {
    CodecPreference preference{codec, std::nullopt, std::nullopt};
    for (const auto& [name, by_default, engine, why_not] : engines_) {
      if (!by_default || !engine) continue;
      if (!preference.encoder && !FormatsOf(*engine, codec, true).empty()) preference.encoder = name;
      if (!preference.decoder && !FormatsOf(*engine, codec, false).empty()) preference.decoder = name;
    }
    if (preference.encoder || preference.decoder) preferences_.push_back(std::move(preference));
  }
}

std::shared_ptr<CodecEngine> CodecEngines::Engine(const std::string& name, const std::string& codec, bool encoder) const {
  const auto found = std::find_if(engines_.begin(), engines_.end(), [&](const auto& e) { return e.name == name; });
  const std::string what = name + " cannot " + (encoder ? "encode" : "decode") + " " + codec;
  if (found == engines_.end()) throw Error(SORA_ERROR_INVALID_ARGUMENT, what + ": no engine has this name");
  if (!found->engine) throw Error(SORA_ERROR_INVALID_ARGUMENT, what + ": " + found->why_not);
  if (FormatsOf(*found->engine, codec, encoder).empty()) throw Error(SORA_ERROR_INVALID_ARGUMENT, what);
  return found->engine;
}

std::unique_ptr<webrtc::VideoEncoderFactory> CodecEngines::CreateEncoderFactory() const {
  std::vector<FormatEngine> formats;
  for (const auto& preference : preferences_) {
    if (!preference.encoder) continue;
    const auto engine = Engine(*preference.encoder, preference.codec, true);
    for (auto& format : FormatsOf(*engine, preference.codec, true)) formats.push_back({std::move(format), engine});
  }
  return CreateVideoEncoderFactory(std::move(formats));
}

std::unique_ptr<webrtc::VideoDecoderFactory> CodecEngines::CreateDecoderFactory() const {
  std::vector<FormatEngine> formats;
  for (const auto& preference : preferences_) {
    if (!preference.decoder) continue;
    const auto engine = Engine(*preference.decoder, preference.codec, false);
    for (auto& format : FormatsOf(*engine, preference.codec, false)) formats.push_back({std::move(format), engine});
  }
  return CreateVideoDecoderFactory(std::move(formats));
}

std::string CodecEngines::Capabilities() const {
  auto list = nlohmann::json::array();
  for (const auto& [name, by_default, engine, why_not] : engines_) {
    auto codecs = nlohmann::json::array();
    for (const char* codec : kCodecs)
      codecs.push_back({{"type", codec},
                        {"encoder", engine && !FormatsOf(*engine, codec, true).empty()},
                        {"decoder", engine && !FormatsOf(*engine, codec, false).empty()}});
    auto parameters = nlohmann::json::object();
    if (engine)
      for (const auto& [key, value] : engine->parameters()) parameters[key] = value;
    list.push_back({{"name", name}, {"codecs", codecs}, {"parameters", parameters}});
  }
  return list.dump();
}

}  // namespace sora
