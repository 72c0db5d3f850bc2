#include "codecs/engines.h"

#include <absl/strings/match.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "codecs/internal/engine.h"
#include "codecs/openh264/engine.h"
#include "codecs/video_codec_factories.h"
#include "core/result.h"

namespace sora {
namespace {

constexpr const char* kCodecs[] = {"VP8", "VP9", "AV1", "H264", "H265"};
// Engines of this interface that no build has yet: named, so that asking for them gets a clear answer.
constexpr const char* kAbsentEngines[] = {"CISCO_OPENH264", "INTEL_VPL", "NVIDIA_VIDEO_CODEC_SDK", "AMD_AMF"};

std::vector<webrtc::SdpVideoFormat> Formats(const CodecEngine& engine, const std::string& codec, bool encoder) {
  std::vector<webrtc::SdpVideoFormat> formats;
  for (auto& format : encoder ? engine.EncoderFormats() : engine.DecoderFormats())
    if (absl::EqualsIgnoreCase(format.name, codec)) formats.push_back(std::move(format));
  return formats;
}

}  // namespace

CodecEngines::CodecEngines(const CodecOptions& options) {
  engines_.push_back(CreateInternalEngine());
  if (options.openh264) engines_.push_back(CreateOpenH264Engine(*options.openh264));
  if (options.preferences) {
    preferences_ = *options.preferences;
    return;
  }
  for (const char* codec : kCodecs) {
    CodecPreference preference{codec, std::nullopt, std::nullopt};
    for (const auto& engine : engines_) {
      if (!preference.encoder && !Formats(*engine, codec, true).empty()) preference.encoder = engine->name();
      if (!preference.decoder && !Formats(*engine, codec, false).empty()) preference.decoder = engine->name();
    }
    if (preference.encoder || preference.decoder) preferences_.push_back(std::move(preference));
  }
}

std::shared_ptr<CodecEngine> CodecEngines::Engine(const std::string& name, const std::string& codec, bool encoder) const {
  const auto found = std::find_if(engines_.begin(), engines_.end(), [&](const auto& e) { return e->name() == name; });
  const char* direction = encoder ? "encode" : "decode";
  if (found == engines_.end())
    throw Error(SORA_ERROR_INVALID_ARGUMENT,
                name + " cannot " + direction + " " + codec + ": the engine is not available on this machine");
  if (Formats(**found, codec, encoder).empty())
    throw Error(SORA_ERROR_INVALID_ARGUMENT, name + " cannot " + direction + " " + codec);
  return *found;
}

std::unique_ptr<webrtc::VideoEncoderFactory> CodecEngines::CreateEncoderFactory() const {
  std::vector<FormatEngine> formats;
  for (const auto& preference : preferences_) {
    if (!preference.encoder) continue;
    const auto engine = Engine(*preference.encoder, preference.codec, true);
    for (auto& format : Formats(*engine, preference.codec, true)) formats.push_back({std::move(format), engine});
  }
  return CreateVideoEncoderFactory(std::move(formats));
}

std::unique_ptr<webrtc::VideoDecoderFactory> CodecEngines::CreateDecoderFactory() const {
  std::vector<FormatEngine> formats;
  for (const auto& preference : preferences_) {
    if (!preference.decoder) continue;
    const auto engine = Engine(*preference.decoder, preference.codec, false);
    for (auto& format : Formats(*engine, preference.codec, false)) formats.push_back({std::move(format), engine});
  }
  return CreateVideoDecoderFactory(std::move(formats));
}

std::string CodecEngines::Capabilities() const {
  auto list = nlohmann::json::array();
  for (const auto& engine : engines_) {
    auto codecs = nlohmann::json::array();
    for (const char* codec : kCodecs)
      codecs.push_back({{"type", codec},
                        {"encoder", !Formats(*engine, codec, true).empty()},
                        {"decoder", !Formats(*engine, codec, false).empty()}});
    auto parameters = nlohmann::json::object();
    for (const auto& [key, value] : engine->parameters()) parameters[key] = value;
    list.push_back({{"name", engine->name()}, {"codecs", codecs}, {"parameters", parameters}});
  }
  for (const char* name : kAbsentEngines) {
    if (std::any_of(engines_.begin(), engines_.end(), [&](const auto& e) { return e->name() == name; })) continue;
    auto codecs = nlohmann::json::array();
    for (const char* codec : kCodecs) codecs.push_back({{"type", codec}, {"encoder", false}, {"decoder", false}});
    list.push_back({{"name", name}, {"codecs", codecs}, {"parameters", nlohmann::json::object()}});
  }
  return list.dump();
}

}  // namespace sora
