#include "codecs/engines.h"

#include <absl/algorithm/container.h>
#include <absl/strings/match.h>

#include <algorithm>
#include <utility>

#include "api/video_codecs/h265_profile_tier_level.h"
#include "codecs/engine_kinds.h"
#include "core/json_writer.h"
#include "core/result.h"
#include "media/base/media_constants.h"
#include "rtc_base/logging.h"

namespace sora {
namespace {

constexpr const char* kCodecs[] = {"VP8", "VP9", "AV1", "H264", "H265"};

// Appends an H.265 format at its own level and at each lower one (ITU-T H.265, table A.8): libwebrtc treats another level as
// another codec, and a server may request any of them.
void AppendLevels(VideoFormats& formats, const webrtc::SdpVideoFormat& format) {
  const auto highest = webrtc::ParseSdpForH265ProfileTierLevel(format.parameters);
  if (!highest) return;
  for (const int level : {186, 183, 180, 156, 153, 150, 123, 120, 93, 90, 63, 60, 30}) {
    if (level > static_cast<int>(highest->level)) continue;
    formats.push_back(format);
    formats.back().parameters[cricket::kH265FmtpLevelId] = std::to_string(level);
  }
}

VideoFormats FormatsOf(const CodecEngine& engine, const std::string& codec, bool encoder) {
  VideoFormats formats;
  for (auto& format : encoder ? engine.EncoderFormats() : engine.DecoderFormats()) {
    if (!absl::EqualsIgnoreCase(format.name, codec)) continue;
    if (codec == "H265")
      AppendLevels(formats, format);
    else
      formats.push_back(std::move(format));
  }
  return formats;
}

// Leaves the scalability modes that the others have as well; false when these lack the format.
bool LeaveCommon(webrtc::SdpVideoFormat& format, const VideoFormats& others) {
  const auto same = std::find_if(others.begin(), others.end(), [&](const auto& other) { return other.IsSameCodec(format); });
  if (same == others.end()) return false;
  absl::InlinedVector<webrtc::ScalabilityMode, webrtc::kScalabilityModeCount> common;
  for (const auto mode : format.scalability_modes)
    if (absl::c_linear_search(same->scalability_modes, mode)) common.push_back(mode);
  format.scalability_modes = std::move(common);
  return true;
}

void AddSizes(JsonObject& entry, const char* key, const std::optional<SizeLimits>& sizes) {
  if (!sizes) return;
  entry.Add(key, JsonObject()
                     .Add("minWidth", sizes->min_width)
                     .Add("minHeight", sizes->min_height)
                     .Add("maxWidth", sizes->max_width)
                     .Add("maxHeight", sizes->max_height));
}

constexpr const char kUnavailable[] = "The requested codecs are not available: ";

}  // namespace

CodecEngines::CodecEngines(const CodecOptions& options) {
  for (const EngineKind& kind : EngineKinds()) engines_.push_back(std::make_shared<LazyEngine>(kind, options));
  for (const auto& engine : engines_) {
    if (!engine->kind().by_default) continue;
    try {
      engine->Open();
    } catch (const Error& error) {
      throw Error(error.code(), kUnavailable + std::string(error.what()));
    }
  }
  if (options.preferences) {
    preferences_ = *options.preferences;
    return;
  }
  for (const char* codec : kCodecs) {
    CodecPreference preference{codec, std::nullopt, std::nullopt};
    for (const auto& lazy : engines_) {
      const auto engine = lazy->IfOpen();
      if (!engine || !lazy->kind().by_default) continue;
      if (!preference.encoder && !FormatsOf(*engine, codec, true).empty()) preference.encoder = lazy->kind().name;
      if (!preference.decoder && !FormatsOf(*engine, codec, false).empty()) preference.decoder = lazy->kind().name;
    }
    if (preference.encoder || preference.decoder) preferences_.push_back(std::move(preference));
  }
}

std::shared_ptr<CodecEngine> CodecEngines::Engine(const std::string& name, const std::string& codec, bool encoder) const {
  const auto found = std::find_if(engines_.begin(), engines_.end(), [&](const auto& e) { return e->kind().name == name; });
  const std::string what = kUnavailable + name + " cannot " + (encoder ? "encode" : "decode") + " " + codec;
  if (found == engines_.end()) throw Error(SORA_ERROR_UNSUPPORTED, what + ": no engine has this name");
  auto engine = (*found)->Open();
  if (!engine) throw Error(SORA_ERROR_UNSUPPORTED, what + ": " + (*found)->why_not());
  if (FormatsOf(*engine, codec, encoder).empty()) {
    const std::string reason = engine->WhyNot(encoder);
    throw Error(SORA_ERROR_UNSUPPORTED, reason.empty() ? what : what + ": " + reason);
  }
  return engine;
}

std::vector<FormatEngine> CodecEngines::Formats(bool encoder) const {
  std::vector<FormatEngine> formats;
  for (const auto& preference : preferences_) {
    const auto& name = encoder ? preference.encoder : preference.decoder;
    const auto& fallback = encoder ? preference.fallback_encoder : preference.fallback_decoder;
    if (!name) continue;
    NamedEngine first{*name, nullptr}, second;
    if (fallback && *fallback != *name) second = {*fallback, Engine(*fallback, preference.codec, encoder)};
    try {
      first.engine = Engine(*name, preference.codec, encoder);
    } catch (const Error& error) {
      if (!second.engine) throw;
      RTC_LOG(LS_WARNING) << error.what() << "; " << second.name << " takes its place";
      first = std::exchange(second, {});
    }
    for (auto& format : FormatsOf(*first.engine, preference.codec, encoder)) {
      // What is negotiated must be served by both.
      if (second.engine && !LeaveCommon(format, FormatsOf(*second.engine, preference.codec, encoder))) continue;
      formats.push_back({std::move(format), first.engine, first.name, second});
    }
  }
  return formats;
}

VideoFormats CodecEngines::Names(const std::vector<FormatEngine>& formats) {
  VideoFormats names;
  for (const auto& entry : formats) names.push_back(entry.format);
  return names;
}

std::unique_ptr<webrtc::VideoEncoderFactory> CodecEngines::CreateEncoderFactory(
    std::shared_ptr<CodecFailures> failures) const {
  return CreateVideoEncoderFactory(Formats(true), std::move(failures));
}

std::unique_ptr<webrtc::VideoDecoderFactory> CodecEngines::CreateDecoderFactory(
    std::shared_ptr<CodecFailures> failures) const {
  return CreateVideoDecoderFactory(Formats(false), UndecodableFormats(Encoded(), Decoded()), std::move(failures));
}

std::string CodecEngines::HowToDecode(const std::string& offered) const {
  std::string codec = offered;
  for (const char* known : kCodecs)
    if (absl::EqualsIgnoreCase(known, offered)) codec = known;
  for (const auto& lazy : engines_) {
    const std::string name = lazy->kind().name;
    const auto engine = lazy->IfOpen();
    if (!engine || FormatsOf(*engine, codec, false).empty()) continue;
    for (const auto& preference : preferences_)
      if (preference.codec == codec && preference.decoder == name) return name + " decodes only other profiles of it";
    return "set " + name + " as its decoder in the option videoCodecPreference";
  }
  for (const auto& lazy : engines_)
    if (const auto& [name, by_default, create, decodes] = lazy->kind(); !lazy->IfOpen() && decodes && codec == decodes)
      return std::string(name) + " would: " + lazy->why_not();
  return "this version of the library has no decoder for it";
}

std::string CodecEngines::Capabilities() const {
  JsonArray engines, unavailable;
  for (const auto& lazy : engines_) {
    const auto engine = lazy->Open();
    if (!engine) {
      unavailable.Add(JsonObject().Add("name", lazy->kind().name).Add("reason", lazy->why_not()));
      continue;
    }
    JsonArray codecs;
    for (const char* codec : kCodecs) {
      const auto encoded = FormatsOf(*engine, codec, true), decoded = FormatsOf(*engine, codec, false);
      JsonObject entry;
      entry.Add("type", codec).Add("encoder", !encoded.empty()).Add("decoder", !decoded.empty());
      if (!encoded.empty()) AddSizes(entry, "encoderSizes", engine->EncoderSizes(encoded[0]));
      if (!decoded.empty()) AddSizes(entry, "decoderSizes", engine->DecoderSizes(decoded[0]));
      codecs.Add(entry);
    }
    JsonObject parameters;
    for (const auto& [key, value] : engine->parameters()) parameters.Add(key, value);
    engines.Add(JsonObject().Add("name", lazy->kind().name).Add("codecs", codecs).Add("parameters", parameters));
  }
  return JsonObject().Add("engines", engines).Add("unavailable", unavailable).text();
}

}  // namespace sora
