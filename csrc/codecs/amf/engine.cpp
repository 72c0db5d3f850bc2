#include "codecs/amf/engine.h"

#include <algorithm>
#include <utility>

#include "api/video_codecs/video_codec.h"
#include "codecs/amf/decoder.h"
#include "codecs/amf/encoder.h"
#include "rtc_base/logging.h"

namespace sora {
namespace {

class AmfEngine : public HardwareEngine {
 public:
  explicit AmfEngine(std::shared_ptr<AmfDevice> device) : device_(std::move(device)) {
    for (const char* codec : {"AV1", "H264", "H265"})
      Add(encoders_, no_encoders_, codec,
          [&](const AmfContext& context) { return Tried(AmfEncoderCapability(context, codec)); });
    for (const char* codec : {"VP9", "AV1", "H264", "H265"})
      Add(decoders_, no_decoders_, codec, [&](const AmfContext& context) {
        auto found = AmfDecoderCapability(context, codec);
        OpenAmfDecoder(device_, found);
        return found;
      });
  }

  std::vector<std::pair<std::string, std::string>> parameters() const override {
    auto parameters = device_->parameters();
    for (auto& level : Levels()) parameters.push_back(std::move(level));
    return parameters;
  }

 private:
  // A runtime has components that its device cannot use: only those that can be opened are listed.
  template <typename Ask>
  void Add(std::vector<HardwareCodec>& codecs, std::string& why_not, const char* codec, Ask ask) {
    try {
      codecs.push_back(ask(*device_->Context()));
    } catch (const HardwareFailure& failure) {
      why_not = std::string(codec) + ": " + failure.what();
    }
  }

  // Opens and closes an encoder: with all temporal layers, or else with one. Older devices have several for some uses alone.
  HardwareCodec Tried(HardwareCodec codec) {
    EncoderSettings settings{webrtc::PayloadStringToCodecType(codec.name),
                             webrtc::SdpVideoFormat(codec.name),
                             std::clamp(640, codec.sizes.min_width, codec.sizes.max_width),
                             std::clamp(480, codec.sizes.min_height, codec.sizes.max_height),
                             {}};
    settings.rates.bits_per_second = 1'000'000;
    settings.temporal_layers = codec.temporal_layers;
    try {
      OpenAmfEncoder(device_, settings);
    } catch (const HardwareFailure& failure) {
      if (codec.temporal_layers == 1) throw;
      RTC_LOG(LS_INFO) << "AMF encodes " << codec.name << " with one temporal layer: " << failure.what();
      settings.temporal_layers = codec.temporal_layers = 1;
      OpenAmfEncoder(device_, settings);
    }
    return codec;
  }

  const char* name() const override { return "AMF"; }
  OpenEncoder Encoder() const override {
    return [device = device_](const EncoderSettings& settings) { return OpenAmfEncoder(device, settings); };
  }
  OpenDecoder Decoder(const HardwareCodec& codec) const override {
    return [device = device_, codec] { return OpenAmfDecoder(device, codec); };
  }

  const std::shared_ptr<AmfDevice> device_;
};

}  // namespace

EngineKind AmfEngineKind() {
  return {"AMD_AMF", false, [](const CodecOptions&, std::string& why_not) -> std::unique_ptr<CodecEngine> {
            auto device = AmfDevice::Open(why_not);
            return device ? std::make_unique<AmfEngine>(std::move(device)) : nullptr;
          }};
}

}  // namespace sora
