#include "codecs/internal/vp8_decoder.h"

#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include "api/video_codecs/video_decoder_factory_template_libvpx_vp8_adapter.h"
#include "codecs/frame_limit.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {
namespace {

class Vp8Decoder : public webrtc::VideoDecoder {
 public:
  explicit Vp8Decoder(std::unique_ptr<webrtc::VideoDecoder> decoder) : decoder_(std::move(decoder)) {}

  bool Configure(const Settings& settings) override { return decoder_->Configure(settings); }

  int32_t Decode(const webrtc::EncodedImage& image, int64_t render_time_ms) override {
    vpx_codec_stream_info_t info{};
    info.sz = sizeof(info);
    vpx_codec_peek_stream_info(vpx_codec_vp8_dx(), image.data(), static_cast<unsigned>(image.size()), &info);
    if (info.is_kf) refused_ = uint64_t{info.w} * info.h > kMaxPixels;
    // The frames that follow refer to the refused one.
    if (refused_) return WEBRTC_VIDEO_CODEC_ERROR;
    return decoder_->Decode(image, render_time_ms);
  }

  int32_t RegisterDecodeCompleteCallback(webrtc::DecodedImageCallback* callback) override {
    return decoder_->RegisterDecodeCompleteCallback(callback);
  }

  int32_t Release() override { return decoder_->Release(); }

  DecoderInfo GetDecoderInfo() const override { return decoder_->GetDecoderInfo(); }

 private:
  const std::unique_ptr<webrtc::VideoDecoder> decoder_;
  bool refused_ = false;
};

}  // namespace

std::unique_ptr<webrtc::VideoDecoder> CreateVp8Decoder(const webrtc::SdpVideoFormat& format) {
  return std::make_unique<Vp8Decoder>(webrtc::LibvpxVp8DecoderTemplateAdapter::CreateDecoder(format));
}

}  // namespace sora
