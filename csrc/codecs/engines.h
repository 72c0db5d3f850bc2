// All engines of this machine, and which of them serves each codec.
#ifndef SORA_CODECS_ENGINES_H
#define SORA_CODECS_ENGINES_H

#include <memory>
#include <string>
#include <vector>

#include "api/video_codecs/video_decoder_factory.h"
#include "api/video_codecs/video_encoder_factory.h"
#include "codecs/codec_options.h"
#include "codecs/engine.h"
#include "codecs/lazy_engine.h"
#include "codecs/undecodable_formats.h"
#include "codecs/video_codec_factories.h"

namespace sora {

class CodecEngines {
 public:
  // Throws SORA_ERROR_UNSUPPORTED when what an option names is not usable.
  explicit CodecEngines(const CodecOptions& options);

  // Serve the preferences. Throw SORA_ERROR_UNSUPPORTED, with the reason, when these cannot be met.
  std::unique_ptr<webrtc::VideoEncoderFactory> CreateEncoderFactory(std::shared_ptr<CodecFailures> failures) const;
  std::unique_ptr<webrtc::VideoDecoderFactory> CreateDecoderFactory(std::shared_ptr<CodecFailures> failures) const;

  // What the factories encode and decode. Throw as they do.
  VideoFormats Encoded() const { return Names(Formats(true)); }
  VideoFormats Decoded() const { return Names(Formats(false)); }

  // How to have a codec decoded, or why it cannot be, as a clause. Opens no engine.
  std::string HowToDecode(const std::string& offered) const;

  // JSON: {"engines": [{"name", "codecs": [{"type", "encoder", "decoder", "encoderSizes"?, "decoderSizes"?}], "parameters": {}}],
  // "unavailable": [{"name", "reason"}]}: the engines that are available, and the others. Opens every engine.
  std::string Capabilities() const;

 private:
  static VideoFormats Names(const std::vector<FormatEngine>& formats);
  std::shared_ptr<CodecEngine> Engine(const std::string& name, const std::string& codec, bool encoder) const;
  std::vector<FormatEngine> Formats(bool encoder) const;

  std::vector<std::shared_ptr<LazyEngine>> engines_;  // shared with copies, so that each is opened once
  std::vector<CodecPreference> preferences_;
};

}  // namespace sora

#endif
