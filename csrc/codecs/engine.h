// A codec engine: a codec implementation, in software or in hardware. Each is a folder beside this file; nothing outside that
// folder and engine_kinds.cpp knows its name.
#ifndef SORA_CODECS_ENGINE_H
#define SORA_CODECS_ENGINE_H

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/video_codecs/sdp_video_format.h"
#include "api/video_codecs/video_decoder.h"
#include "api/video_codecs/video_encoder.h"
#include "codecs/codec_options.h"

namespace sora {

// The frames that a device takes, in pixels.
struct SizeLimits {
  int min_width, min_height, max_width, max_height;
};

class CodecEngine {
 public:
  virtual ~CodecEngine() = default;

  // What this machine can encode and decode now. The level-id of H.265 is the highest supported one; the caller adds lower ones.
  virtual std::vector<webrtc::SdpVideoFormat> EncoderFormats() const = 0;
  virtual std::vector<webrtc::SdpVideoFormat> DecoderFormats() const = 0;

  // The limits that the device sets for one of the formats above; none in software. Simulcast leaves out layers below them.
  virtual std::optional<SizeLimits> EncoderSizes(const webrtc::SdpVideoFormat&) const { return std::nullopt; }
  virtual std::optional<SizeLimits> DecoderSizes(const webrtc::SdpVideoFormat&) const { return std::nullopt; }

  // For one of the formats above, with the negotiated parameters; each encoder encodes one simulcast layer.
  virtual std::unique_ptr<webrtc::VideoEncoder> CreateEncoder(const webrtc::SdpVideoFormat& format) = 0;
  virtual std::unique_ptr<webrtc::VideoDecoder> CreateDecoder(const webrtc::SdpVideoFormat& format) = 0;

  // Why there are no formats of a direction, as a clause; empty when there is nothing to say.
  virtual std::string WhyNot(bool /*encoder*/) const { return ""; }

  // Whether encoders and decoders may give up in mid-stream, which they say by WEBRTC_VIDEO_CODEC_FALLBACK_SOFTWARE, and why
  // one last did.
  virtual bool MayFail() const { return false; }
  virtual std::string failure() const { return ""; }

  // Information for users, such as the version of a library: names and values.
  virtual std::vector<std::pair<std::string, std::string>> parameters() const { return {}; }
};

// How an engine is found and made. An engine that is not served by default is made only when a preference names it or somebody
// asks for the capabilities: opening a driver takes time and memory.
struct EngineKind {
  // One of SoraVideoCodecImplementation, as in "INTERNAL".
  const char* name;
  // Whether it serves what it can when no preferences are given; hardware does not.
  bool by_default;
  // Null, with the reason in why_not as a clause, when this machine has no such engine. Throws SORA_ERROR_UNSUPPORTED when
  // what an option names is not usable.
  std::unique_ptr<CodecEngine> (*create)(const CodecOptions& options, std::string& why_not);
  // A codec that the engine decodes where it is available, as advice for receivers without a decoder; may be null.
  const char* decodes = nullptr;
};

}  // namespace sora

#endif
