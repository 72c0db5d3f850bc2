#include "codecs/hardware/engine.h"

#include <absl/strings/match.h>

#include "api/video_codecs/video_codec.h"
#include "codecs/hardware/decoder.h"
#include "codecs/hardware/encoder.h"
#include "codecs/hardware/formats.h"

namespace sora {
namespace {

// Of H265, as in SDP. It is what a receiver can decode: a device that encodes lower levels alone satisfies it.
constexpr int kHighestLevel = 186;

const HardwareCodec* Find(const std::vector<HardwareCodec>& codecs, const webrtc::SdpVideoFormat& format) {
  for (const auto& codec : codecs)
    if (absl::EqualsIgnoreCase(codec.name, format.name)) return &codec;
  return nullptr;
}

}  // namespace

std::vector<webrtc::SdpVideoFormat> HardwareEngine::Formats(bool encoder) const {
  std::vector<webrtc::SdpVideoFormat> formats;
  for (const auto& codec : encoder ? encoders_ : decoders_)
    for (auto& format : HardwareFormats(codec.name, encoder, encoder ? kHighestLevel : codec.h265_level))
      formats.push_back(std::move(format));
  return formats;
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
  return std::make_unique<HardwareEncoder>(name(), format, codec->sizes, Encoder(), failure_);
}

std::unique_ptr<webrtc::VideoDecoder> HardwareEngine::CreateDecoder(const webrtc::SdpVideoFormat& format) {
  const auto* const codec = Find(decoders_, format);
  if (!codec) return nullptr;
  return std::make_unique<HardwareDecoder>(name(), webrtc::PayloadStringToCodecType(codec->name), Decoder(*codec), failure_);
}

}  // namespace sora
