// Encoders and decoders that may give up: the failure is reported, and where a second engine is named, that one takes over in
// mid-stream.
#ifndef SORA_CODECS_SECOND_ENGINE_H
#define SORA_CODECS_SECOND_ENGINE_H

#include <memory>
#include <string>

#include "api/video_codecs/video_decoder.h"
#include "api/video_codecs/video_encoder.h"
#include "codecs/codec_failures.h"
#include "codecs/engine.h"

namespace sora {

// An engine with its name, as in the preference.
struct NamedEngine {
  std::string name;
  std::shared_ptr<CodecEngine> engine;  // may be null for a second one
};

std::unique_ptr<webrtc::VideoEncoder> CreateEncoderThatMayFail(const NamedEngine& first, const NamedEngine& second,
                                                               const webrtc::SdpVideoFormat& format,
                                                               std::shared_ptr<CodecFailures> failures);

std::unique_ptr<webrtc::VideoDecoder> CreateDecoderThatMayFail(const NamedEngine& first, const NamedEngine& second,
                                                               const webrtc::SdpVideoFormat& format,
                                                               std::shared_ptr<CodecFailures> failures);

}  // namespace sora

#endif
