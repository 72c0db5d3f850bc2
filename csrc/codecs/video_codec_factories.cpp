#include "codecs/video_codec_factories.h"

#include "api/field_trials.h"
#include "api/video_codecs/video_decoder_factory_template.h"
#include "api/video_codecs/video_decoder_factory_template_libvpx_vp8_adapter.h"
#include "api/video_codecs/video_decoder_factory_template_libvpx_vp9_adapter.h"
#include "api/video_codecs/video_encoder_factory_template.h"
#include "api/video_codecs/video_encoder_factory_template_libvpx_vp8_adapter.h"
#include "api/video_codecs/video_encoder_factory_template_libvpx_vp9_adapter.h"
#include "media/engine/simulcast_encoder_adapter.h"

namespace sora {
namespace {

using Encoders =
    webrtc::VideoEncoderFactoryTemplate<webrtc::LibvpxVp8EncoderTemplateAdapter, webrtc::LibvpxVp9EncoderTemplateAdapter>;
using Decoders =
    webrtc::VideoDecoderFactoryTemplate<webrtc::LibvpxVp8DecoderTemplateAdapter, webrtc::LibvpxVp9DecoderTemplateAdapter>;

// Encoders that code one layer each, several of them beside each other when simulcast asks for it.
class EncoderFactory : public webrtc::VideoEncoderFactory {
 public:
  std::vector<webrtc::SdpVideoFormat> GetSupportedFormats() const override { return encoders_.GetSupportedFormats(); }

  CodecSupport QueryCodecSupport(const webrtc::SdpVideoFormat& format,
                                 absl::optional<std::string> scalability_mode) const override {
    return encoders_.QueryCodecSupport(format, scalability_mode);
  }

  std::unique_ptr<webrtc::VideoEncoder> CreateVideoEncoder(const webrtc::SdpVideoFormat& format) override {
    return std::make_unique<webrtc::SimulcastEncoderAdapter>(&encoders_, nullptr, format, field_trials_);
  }

 private:
  Encoders encoders_;
  webrtc::FieldTrials field_trials_{""};
};

}  // namespace

std::unique_ptr<webrtc::VideoEncoderFactory> CreateVideoEncoderFactory() { return std::make_unique<EncoderFactory>(); }

std::unique_ptr<webrtc::VideoDecoderFactory> CreateVideoDecoderFactory() { return std::make_unique<Decoders>(); }

}  // namespace sora
