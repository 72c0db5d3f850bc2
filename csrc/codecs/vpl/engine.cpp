#include "codecs/vpl/engine.h"

#include "api/video_codecs/video_codec.h"
#include "codecs/hardware/engine.h"

// Debian has headers of VPL, as Intel has GPUs, for x86 alone.
#if __has_include(<vpl/mfx.h>)
#include "codecs/vpl/decoder.h"
#include "codecs/vpl/encoder.h"

namespace sora {
namespace {

class VplEngine : public HardwareEngine {
 public:
  explicit VplEngine(std::shared_ptr<VplDevice> device) : device_(std::move(device)) {
    decoders_ = device_->decoders();
    std::unique_ptr<VplSession> asked;
    // What a runtime lists, not every device encodes.
    for (const auto& codec : device_->encoders()) {
      try {
        encoders_.push_back(Tried(codec, asked));
      } catch (const HardwareFailure& failure) {
        no_encoders_ = failure.what();
      }
    }
  }

  std::vector<std::pair<std::string, std::string>> parameters() const override {
    auto parameters = device_->parameters();
    for (auto& level : Levels()) parameters.push_back(std::move(level));
    return parameters;
  }

 private:
  // Opens and closes an encoder, and asks for its temporal layers in a session that is opened once.
  HardwareCodec Tried(HardwareCodec codec, std::unique_ptr<VplSession>& asked) {
    EncoderSettings settings{webrtc::PayloadStringToCodecType(codec.name), webrtc::SdpVideoFormat(codec.name), 640, 480, {}};
    settings.rates.bits_per_second = 1'000'000;
    OpenVplEncoder(device_, settings);
    if (!asked) asked = std::make_unique<VplSession>(device_);
    codec.temporal_layers = VplTemporalLayers(*asked, settings);
    return codec;
  }

  const char* name() const override { return "libvpl"; }
  OpenEncoder Encoder() const override {
    return [device = device_](const EncoderSettings& settings) { return OpenVplEncoder(device, settings); };
  }
  OpenDecoder Decoder(const HardwareCodec& codec) const override {
    return [device = device_, codec] { return OpenVplDecoder(device, codec); };
  }

  const std::shared_ptr<VplDevice> device_;
};

}  // namespace

EngineKind VplEngineKind() {
  return {"INTEL_VPL", false, [](const CodecOptions&, std::string& why_not) -> std::unique_ptr<CodecEngine> {
            auto device = VplDevice::Open(why_not);
            return device ? std::make_unique<VplEngine>(std::move(device)) : nullptr;
          }};
}

}  // namespace sora

#else

namespace sora {

EngineKind VplEngineKind() {
  return {"INTEL_VPL", false, [](const CodecOptions&, std::string& why_not) -> std::unique_ptr<CodecEngine> {
            why_not = "Intel has no GPU for this processor";
            return nullptr;
          }};
}

}  // namespace sora

#endif
