#include "codecs/internal/engine.h"

#include <aom/aom_codec.h>
#include <vpx/vpx_codec.h>

#include "api/video_codecs/scalability_mode.h"
#include "api/video_codecs/video_codec.h"
#include "api/video_codecs/video_decoder_factory_template_libvpx_vp8_adapter.h"
#include "api/video_codecs/video_decoder_factory_template_libvpx_vp9_adapter.h"
#include "api/video_codecs/video_encoder_factory_template_libvpx_vp8_adapter.h"
#include "api/video_codecs/video_encoder_factory_template_libvpx_vp9_adapter.h"
#include "codecs/internal/av1_encoder.h"
#include "codecs/internal/dav1d_decoder.h"
#include "codecs/internal/libaom_decoder.h"
#include "codecs/internal/vp8_decoder.h"
#include "codecs/internal/vp9_decoder.h"
#include "media/base/media_constants.h"

namespace sora {
namespace {

void Append(std::vector<webrtc::SdpVideoFormat>& to, std::vector<webrtc::SdpVideoFormat> from) {
  for (auto& format : from) to.push_back(std::move(format));
}

// Main profile: 8-bit 4:2:0. Without scalability modes a sender with scalabilityMode would fail.
webrtc::SdpVideoFormat Av1(bool encoder) {
  webrtc::SdpVideoFormat format(
      cricket::kAv1CodecName,
      {{cricket::kAv1FmtpProfile, "0"}, {cricket::kAv1FmtpLevelIdx, "5"}, {cricket::kAv1FmtpTier, "0"}});
  if (encoder) {
    using webrtc::ScalabilityMode;
    format.scalability_modes = {ScalabilityMode::kL1T1, ScalabilityMode::kL1T2, ScalabilityMode::kL1T3};
  }
  return format;
}

class InternalEngine : public CodecEngine {
 public:
  std::vector<webrtc::SdpVideoFormat> EncoderFormats() const override {
    auto formats = webrtc::LibvpxVp8EncoderTemplateAdapter::SupportedFormats();
    Append(formats, webrtc::LibvpxVp9EncoderTemplateAdapter::SupportedFormats());
    formats.push_back(Av1(true));
    return formats;
  }

  std::vector<webrtc::SdpVideoFormat> DecoderFormats() const override {
    auto formats = webrtc::LibvpxVp8DecoderTemplateAdapter::SupportedFormats();
    Append(formats, webrtc::LibvpxVp9DecoderTemplateAdapter::SupportedFormats());
    formats.push_back(Av1(false));
    return formats;
  }

  std::unique_ptr<webrtc::VideoEncoder> CreateEncoder(const webrtc::SdpVideoFormat& format) override {
    switch (webrtc::PayloadStringToCodecType(format.name)) {
      case webrtc::kVideoCodecVP8: return webrtc::LibvpxVp8EncoderTemplateAdapter::CreateEncoder(format);
      case webrtc::kVideoCodecVP9: return webrtc::LibvpxVp9EncoderTemplateAdapter::CreateEncoder(format);
      case webrtc::kVideoCodecAV1: return std::make_unique<Av1Encoder>();
      default: return nullptr;
    }
  }

  std::unique_ptr<webrtc::VideoDecoder> CreateDecoder(const webrtc::SdpVideoFormat& format) override {
    switch (webrtc::PayloadStringToCodecType(format.name)) {
      case webrtc::kVideoCodecVP8: return CreateVp8Decoder();
      case webrtc::kVideoCodecVP9: return CreateVp9Decoder();
      case webrtc::kVideoCodecAV1: {
        auto decoder = CreateDav1dDecoder();
        return decoder ? std::move(decoder) : CreateLibaomDecoder();
      }
      default: return nullptr;
    }
  }

  std::vector<std::pair<std::string, std::string>> parameters() const override {
    std::vector<std::pair<std::string, std::string>> versions{{"libvpx", vpx_codec_version_str()},
                                                              {"libaom", aom_codec_version_str()}};
    if (const std::string dav1d = Dav1dVersion(); !dav1d.empty()) versions.emplace_back("dav1d", dav1d);
    return versions;
  }
};

}  // namespace

EngineKind InternalEngineKind() {
  return {"INTERNAL", true, [](const CodecOptions&, std::string&) { return CreateInternalEngine(); }};
}

std::unique_ptr<CodecEngine> CreateInternalEngine() { return std::make_unique<InternalEngine>(); }

}  // namespace sora
