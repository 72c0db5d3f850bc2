// The codec options of sora_factory_create and sora_codec_capabilities.
#ifndef SORA_CODECS_CODEC_OPTIONS_H
#define SORA_CODECS_CODEC_OPTIONS_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sora {

class Json;

// The engine of each direction of a codec, by name; empty: that direction does not exist.
struct CodecPreference {
  std::string codec;  // "VP8", "VP9", "AV1", "H264" or "H265"
  std::optional<std::string> encoder, decoder;
  // The engines that take their place where these are not available, and that take over where they fail in mid-stream.
  std::optional<std::string> fallback_encoder{}, fallback_decoder{};
};

struct CodecOptions {
  // The path of OpenH264's library.
  std::optional<std::string> openh264;
  // Without preferences every codec is served by the first engine that supports it by default (EngineKind).
  std::optional<std::vector<CodecPreference>> preferences;
};

// Parses the JSON of the options; throws SORA_ERROR_INVALID_ARGUMENT with the path of what is wrong.
CodecOptions ParseCodecOptions(std::string_view json);
// The same of a document that was read. other: an option that is not of codecs, which is left to the caller.
CodecOptions ReadCodecOptions(const Json& json, std::string_view other = {});

}  // namespace sora

#endif
