// All engines of this machine, and which of them serves which codec.
#ifndef SORA_CODECS_ENGINES_H
#define SORA_CODECS_ENGINES_H

#include <memory>
#include <string>
#include <vector>

#include "api/video_codecs/video_decoder_factory.h"
#include "api/video_codecs/video_encoder_factory.h"
#include "codecs/codec_options.h"
#include "codecs/engine.h"

namespace sora {

class CodecEngines {
 public:
  // Throws SORA_ERROR_INVALID_ARGUMENT when an option about an engine is wrong.
  explicit CodecEngines(const CodecOptions& options);

  // Made of what the preferences ask for. Throw SORA_ERROR_INVALID_ARGUMENT when they cannot be met, with the reason.
  std::unique_ptr<webrtc::VideoEncoderFactory> CreateEncoderFactory() const;
  std::unique_ptr<webrtc::VideoDecoderFactory> CreateDecoderFactory() const;

  // JSON: [{"name", "codecs": [{"type", "encoder", "decoder"}], "parameters": {}}], every engine that is known.
  std::string Capabilities() const;

 private:
  struct Entry {
    std::string name;
    bool by_default;
    std::shared_ptr<CodecEngine> engine;  // null: see why_not
    std::string why_not;
  };

  std::shared_ptr<CodecEngine> Engine(const std::string& name, const std::string& codec, bool encoder) const;

  std::vector<Entry> engines_;
  std::vector<CodecPreference> preferences_;
};

}  // namespace sora

#endif
