// libwebrtc's codec factories over engines.
#ifndef SORA_CODECS_VIDEO_CODEC_FACTORIES_H
#define SORA_CODECS_VIDEO_CODEC_FACTORIES_H

#include <memory>
#include <vector>

#include "api/video_codecs/video_decoder_factory.h"
#include "api/video_codecs/video_encoder_factory.h"
#include "codecs/engine.h"
#include "codecs/second_engine.h"
#include "codecs/undecodable_formats.h"

namespace sora {

// A format, the engine that serves it, and the one that takes over when that fails; null: none.
struct FormatEngine {
  webrtc::SdpVideoFormat format;
  std::shared_ptr<CodecEngine> engine;
  std::string name{};
  NamedEngine second{};
};

// failures: of engines that may fail.
std::unique_ptr<webrtc::VideoEncoderFactory> CreateVideoEncoderFactory(
    std::vector<FormatEngine> formats, std::shared_ptr<CodecFailures> failures = std::make_shared<CodecFailures>());
// undecodable: formats that are received without being decoded.
std::unique_ptr<webrtc::VideoDecoderFactory> CreateVideoDecoderFactory(
    std::vector<FormatEngine> formats, VideoFormats undecodable,
    std::shared_ptr<CodecFailures> failures = std::make_shared<CodecFailures>());

// While there is one, decoder factories name the first of their formats alone on this thread.
class FirstFormatAlone {
 public:
  FirstFormatAlone();
  ~FirstFormatAlone();
  FirstFormatAlone(const FirstFormatAlone&) = delete;
  FirstFormatAlone& operator=(const FirstFormatAlone&) = delete;
};

}  // namespace sora

#endif
