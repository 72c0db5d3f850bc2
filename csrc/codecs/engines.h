// All engines of this machine, and which of them serves which codec.
#ifndef SORA_CODECS_ENGINES_H
#define SORA_CODECS_ENGINES_H

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/video_codecs/video_decoder_factory.h"
#include "api/video_codecs/video_encoder_factory.h"
#include "codecs/engine.h"

namespace sora {

// The engine of each direction of a codec, by name; none: that direction does not exist.
struct CodecPreference {
  std::string codec;  // "VP8", "VP9", "AV1", "H264" or "H265"
  std::optional<std::string> encoder, decoder;
};

struct CodecOptions {
  // The path of OpenH264's library; CodecEngines throws when it cannot be used.
  std::optional<std::string> openh264;
  // Without preferences the engine INTERNAL serves all that it can, and OpenH264 H264 when its path is given.
  std::optional<std::vector<CodecPreference>> preferences;
};

// Reads the options of sora_factory_create; throws SORA_ERROR_INVALID_ARGUMENT with the path of what is wrong.
CodecOptions ParseCodecOptions(std::string_view json);

class CodecEngines {
 public:
  explicit CodecEngines(const CodecOptions& options);

  // Made of what the preferences ask for. Throw SORA_ERROR_INVALID_ARGUMENT when they cannot be met, with the reason.
  std::unique_ptr<webrtc::VideoEncoderFactory> CreateEncoderFactory() const;
  std::unique_ptr<webrtc::VideoDecoderFactory> CreateDecoderFactory() const;

  // JSON: [{"name", "codecs": [{"type", "encoder", "decoder"}], "parameters": {}}], every engine that is known.
  std::string Capabilities() const;

 private:
  std::shared_ptr<CodecEngine> Engine(const std::string& name, const std::string& codec, bool encoder) const;

  std::vector<std::shared_ptr<CodecEngine>> engines_;
  std::vector<CodecPreference> preferences_;
};

}  // namespace sora

#endif
