#include "codecs/internal/vp8_decoder.h"

#include "api/video_codecs/video_decoder_factory_template_libvpx_vp8_adapter.h"
#include "codecs/internal/picture_limit.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {
namespace {

// RFC 6386, 9.1: three bytes of which the first bit tells key frames, a start code of three, then width and height of 14 bits each
// with two bits of scaling above.
constexpr size_t kKeyFrameHeaderBytes = 10;

bool IsKeyFrame(const webrtc::EncodedImage& image) {
  return image.size() >= kKeyFrameHeaderBytes && (image.data()[0] & 1) == 0;
}

bool IsTooLarge(const webrtc::EncodedImage& key_frame) {
  const auto size = [&](size_t at) { return (key_frame.data()[at] | uint32_t{key_frame.data()[at + 1]} << 8) & 0x3fff; };
  return size(6) * size(8) > kMaxPixels;
}

class Vp8Decoder : public webrtc::VideoDecoder {
 public:
  explicit Vp8Decoder(std::unique_ptr<webrtc::VideoDecoder> decoder) : decoder_(std::move(decoder)) {}

  bool Configure(const Settings& settings) override { return decoder_->Configure(settings); }

  int32_t Decode(const webrtc::EncodedImage& image, int64_t render_time_ms) override {
    if (IsKeyFrame(image)) refused_ = IsTooLarge(image);
    // What follows refers to the picture that was refused.
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
