#include "codecs/nvidia/engine.h"

#include "codecs/hardware/engine.h"

// A build over a libwebrtc of one's own (-Dwebrtc) may have no headers of NVIDIA's.
#if __has_include(<ffnvcodec/nvEncodeAPI.h>)
#include "codecs/nvidia/decoder.h"
#include "codecs/nvidia/encoder.h"

namespace sora {
namespace {

class NvidiaEngine : public HardwareEngine {
 public:
  explicit NvidiaEngine(std::shared_ptr<NvDevice> device) : device_(std::move(device)) {
    const NvLibrary& library = device_->library();
    no_encoders_ = library.no_encoding;
    no_decoders_ = library.no_decoding;
    if (library.can_encode) Ask(encoders_, no_encoders_, NvEncoders);
    if (library.can_decode) Ask(decoders_, no_decoders_, NvDecoders);
  }

  std::vector<std::pair<std::string, std::string>> parameters() const override {
    auto parameters = Levels();
    parameters.emplace_back("nvcodec_gpu_device_name", device_->name());
    return parameters;
  }

 private:
  void Ask(std::vector<HardwareCodec>& codecs, std::string& why_not, std::vector<HardwareCodec> (*ask)(const NvDevice&)) {
    try {
      codecs = ask(*device_);
    } catch (const HardwareFailure& failure) {
      why_not = failure.what();
    }
  }

  const char* name() const override { return "NvCodec"; }
  OpenEncoder Encoder() const override {
    return [device = device_](const EncoderSettings& settings) { return OpenNvEncoder(device, settings); };
  }
  OpenDecoder Decoder(const HardwareCodec& codec) const override {
    return [device = device_, codec] { return OpenNvDecoder(device, codec); };
  }

  const std::shared_ptr<NvDevice> device_;
};

}  // namespace

EngineKind NvidiaEngineKind() {
  return {"NVIDIA_VIDEO_CODEC_SDK", false, [](const CodecOptions&, std::string& why_not) -> std::unique_ptr<CodecEngine> {
            auto device = NvDevice::Open(why_not);
            return device ? std::make_unique<NvidiaEngine>(std::move(device)) : nullptr;
          }};
}

}  // namespace sora

#else

namespace sora {

EngineKind NvidiaEngineKind() {
  return {"NVIDIA_VIDEO_CODEC_SDK", false, [](const CodecOptions&, std::string& why_not) -> std::unique_ptr<CodecEngine> {
            why_not = "this build of the library was made without NVIDIA's headers";
            return nullptr;
          }};
}

}  // namespace sora

#endif
