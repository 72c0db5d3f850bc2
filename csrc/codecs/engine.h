// A codec engine: something that encodes or decodes, in software or in hardware. Each is a folder beside this file; nothing
// outside that folder and engine_kinds.cpp knows its name.
#ifndef SORA_CODECS_ENGINE_H
#define SORA_CODECS_ENGINE_H

#include <memory>
#include <string>
#include <vector>

#include "api/video_codecs/sdp_video_format.h"
#include "api/video_codecs/video_decoder.h"
#include "api/video_codecs/video_encoder.h"

namespace sora {

class CodecEngine {
 public:
  virtual ~CodecEngine() = default;

  // What can be encoded and decoded here and now. The level-id of H.265 is the highest that can be done; lower ones are offered
  // beside it by who asks.
  virtual std::vector<webrtc::SdpVideoFormat> EncoderFormats() const = 0;
  virtual std::vector<webrtc::SdpVideoFormat> DecoderFormats() const = 0;

  // For one of the formats above, with the parameters that were agreed on; encoders code one simulcast layer each.
  virtual std::unique_ptr<webrtc::VideoEncoder> CreateEncoder(const webrtc::SdpVideoFormat& format) = 0;
  virtual std::unique_ptr<webrtc::VideoDecoder> CreateDecoder(const webrtc::SdpVideoFormat& format) = 0;

  // What a user may want to know about it, such as the version of a library: names and values.
  virtual std::vector<std::pair<std::string, std::string>> parameters() const { return {}; }
};

}  // namespace sora

#endif
