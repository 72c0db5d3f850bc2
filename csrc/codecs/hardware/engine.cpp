#include "codecs/hardware/engine.h"

#include <absl/strings/match.h>

#include "api/video_codecs/video_codec.h"
#include "codecs/hardware/decoder.h"
#include "codecs/hardware/encoder.h"
#include "codecs/hardware/formats.h"
#include "codecs/hardware/h265_level.h"

namespace sora {
namespace {

const HardwareCodec* Find(const std::vector<HardwareCodec>& codecs, const webrtc::SdpVideoFormat& format) {
  for (const auto& codec : codecs)
    if (absl::EqualsIgnoreCase(codec.name, format.name)) return &codec;
  return nullptr;
}

}  // namespace

std::vector<webrtc::SdpVideoFormat> HardwareEngine::Formats(bool encoder) const {
  std::vector<webrtc::SdpVideoFormat> formats;
  for (const auto& codec : encoder ? encoders_ : decoders_)
    for (auto& format : HardwareFormats(codec.name, encoder ? codec.temporal_layers : 0))
      formats.push_back(std::move(format));
  return formats;
}

std::string HardwareEngine::WhyNot(bool encoder) const {
  const auto& codecs = encoder ? encoders_ : decoders_;
  if (codecs.empty()) return encoder ? no_encoders_ : no_decoders_;
  std::string list;
  for (const auto& codec : codecs) list += (list.empty() ? "" : ", ") + codec.name;
  return std::string("the device ") + (encoder ? "encodes " : "decodes ") + list + " alone";
}

std::vector<std::pair<std::string, std::string>> HardwareEngine::Levels() const {
  std::vector<std::pair<std::string, std::string>> levels;
  for (const auto& [key, codecs] :
       {std::pair("h265_encoder_level", &encoders_), std::pair("h265_decoder_level", &decoders_)})
    for (const auto& codec : *codecs)
      if (codec.h265_level > 0) levels.emplace_back(key, H265LevelText(codec.h265_level));
  return levels;
}

std::optional<SizeLimits> HardwareEngine::EncoderSizes(const webrtc::SdpVideoFormat& format) const {
  const auto* const codec = Find(encoders_, format);
  return codec ? std::optional(codec->sizes) : std::nullopt;
}

std::optional<SizeLimits> HardwareEngine::DecoderSizes(const webrtc::SdpVideoFormat& format) const {
  const auto* const codec = Find(decoders_, format);
  return codec ? std::optional(codec->sizes) : std::nullopt;
}

std::unique_ptr<webrtc::VideoEncoder> HardwareEngine::CreateEncoder(const webrtc::SdpVideoFormat& format) {
  const auto* const codec = Find(encoders_, format);
  if (!codec) return nullptr;
  return std::make_unique<HardwareEncoder>(name(), format, *codec, Encoder(), failure_);
}

std::unique_ptr<webrtc::VideoDecoder> HardwareEngine::CreateDecoder(const webrtc::SdpVideoFormat& format) {
  const auto* const codec = Find(decoders_, format);
  if (!codec) return nullptr;
  return std::make_unique<HardwareDecoder>(name(), webrtc::PayloadStringToCodecType(codec->name), Decoder(*codec), failure_);
}

}  // namespace sora
