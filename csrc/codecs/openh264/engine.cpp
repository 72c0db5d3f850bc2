#include "codecs/openh264/engine.h"

#include "codecs/openh264/decoder.h"
#include "codecs/openh264/encoder.h"
#include "media/base/media_constants.h"

namespace sora {
namespace {

// Baseline and constrained baseline (encoded is the latter, which conforms to both) up to level 5.2, in the two packetization
// modes of RFC 6184 that are in use.
std::vector<webrtc::SdpVideoFormat> Formats() {
  std::vector<webrtc::SdpVideoFormat> formats;
  for (const char* profile : {"42e034", "420034"}) {
    for (const char* mode : {"1", "0"}) {
      formats.emplace_back(cricket::kH264CodecName, webrtc::CodecParameterMap{{cricket::kH264FmtpProfileLevelId, profile},
                                                                              {cricket::kH264FmtpLevelAsymmetryAllowed, "1"},
                                                                              {cricket::kH264FmtpPacketizationMode, mode}});
      formats.back().scalability_modes = {webrtc::ScalabilityMode::kL1T1};
    }
  }
  return formats;
}

class OpenH264Engine : public CodecEngine {
 public:
  explicit OpenH264Engine(const std::string& path) : path_(path), library_(OpenH264Library::Load(path)) {}

  std::vector<webrtc::SdpVideoFormat> EncoderFormats() const override { return Formats(); }
  std::vector<webrtc::SdpVideoFormat> DecoderFormats() const override { return Formats(); }
  std::unique_ptr<webrtc::VideoEncoder> CreateEncoder(const webrtc::SdpVideoFormat& format) override {
    return std::make_unique<OpenH264Encoder>(library_, format);
  }
  std::unique_ptr<webrtc::VideoDecoder> CreateDecoder(const webrtc::SdpVideoFormat&) override {
    return std::make_unique<OpenH264Decoder>(library_);
  }
  std::vector<std::pair<std::string, std::string>> parameters() const override {
    return {{"version", library_->version()}, {"path", path_}};
  }

 private:
  const std::string path_;
  const std::shared_ptr<OpenH264Library> library_;
};

}  // namespace

EngineKind OpenH264EngineKind() {
  return {"CISCO_OPENH264", true,
          [](const CodecOptions& options, std::string& why_not) {
            if (options.openh264) return CreateOpenH264Engine(*options.openh264);
            why_not = "set the option openh264 to the path of its library";
            return std::unique_ptr<CodecEngine>();
          },
          "H264"};
}

std::unique_ptr<CodecEngine> CreateOpenH264Engine(const std::string& path) { return std::make_unique<OpenH264Engine>(path); }

}  // namespace sora
