// The engine TEST_H265: lets tests send and receive H.265 without a codec for it. It is linked into a library of the tests only.
#include "api/video_codecs/h265_profile_tier_level.h"
#include "api/video_codecs/video_codec.h"
#include "codecs/engine_kinds.h"
#include "media/base/media_constants.h"
#include "modules/video_coding/include/video_codec_interface.h"
#include "modules/video_coding/include/video_error_codes.h"
#include "tests/h265/stream.h"

namespace h265_test {
namespace {

constexpr char kName[] = "TestH265";
// For libwebrtc's parser to find in the stream.
constexpr int kQp = 31;

class Encoder : public webrtc::VideoEncoder {
 public:
  explicit Encoder(const webrtc::SdpVideoFormat& format)
      : writer_(static_cast<int>(webrtc::ParseSdpForH265ProfileTierLevel(format.parameters)->level)) {}

  int InitEncode(const webrtc::VideoCodec* codec, const Settings&) override {
    if (!codec || codec->codecType != webrtc::kVideoCodecH265) return WEBRTC_VIDEO_CODEC_ERR_PARAMETER;
    key_wanted_ = true;
    return WEBRTC_VIDEO_CODEC_OK;
  }
  int32_t RegisterEncodeCompleteCallback(webrtc::EncodedImageCallback* callback) override {
    callback_ = callback;
    return WEBRTC_VIDEO_CODEC_OK;
  }
  int32_t Release() override { return WEBRTC_VIDEO_CODEC_OK; }
  void SetRates(const RateControlParameters&) override {}

  int32_t Encode(const webrtc::VideoFrame& frame, const std::vector<webrtc::VideoFrameType>* types) override {
    if (!callback_) return WEBRTC_VIDEO_CODEC_UNINITIALIZED;
    const bool key = key_wanted_ || (types && !types->empty() && (*types)[0] == webrtc::VideoFrameType::kVideoFrameKey);
    key_wanted_ = false;
    const auto stream = writer_.Next(Picture::Of(*frame.video_frame_buffer()->ToI420()), key, kQp);
    webrtc::EncodedImage image;
    image.SetEncodedData(webrtc::EncodedImageBuffer::Create(stream.data(), stream.size()));
    image._frameType = key ? webrtc::VideoFrameType::kVideoFrameKey : webrtc::VideoFrameType::kVideoFrameDelta;
    image._encodedWidth = static_cast<uint32_t>(frame.width());
    image._encodedHeight = static_cast<uint32_t>(frame.height());
    image.SetRtpTimestamp(frame.timestamp());
    image.SetCaptureTimeIdentifier(frame.capture_time_identifier());
    image.capture_time_ms_ = frame.render_time_ms();
    webrtc::CodecSpecificInfo info;
    info.codecType = webrtc::kVideoCodecH265;
    info.codecSpecific.H265.packetization_mode = webrtc::H265PacketizationMode::NonInterleaved;
    info.codecSpecific.H265.idr_frame = key;
    callback_->OnEncodedImage(image, &info);
    return WEBRTC_VIDEO_CODEC_OK;
  }

  EncoderInfo GetEncoderInfo() const override {
    EncoderInfo info;
    info.implementation_name = kName;
    info.supports_native_handle = false;
    info.scaling_settings = ScalingSettings::kOff;
    return info;
  }

 private:
  StreamWriter writer_;
  bool key_wanted_ = true;
  webrtc::EncodedImageCallback* callback_ = nullptr;
};

class Decoder : public webrtc::VideoDecoder {
 public:
  bool Configure(const Settings& settings) override { return settings.codec_type() == webrtc::kVideoCodecH265; }
  int32_t Decode(const webrtc::EncodedImage& image, int64_t) override {
    if (!callback_) return WEBRTC_VIDEO_CODEC_UNINITIALIZED;
    const auto picture = reader_.Next(image.data(), image.size());
    if (!picture) return WEBRTC_VIDEO_CODEC_ERROR;
    auto frame = webrtc::VideoFrame::Builder()
                     .set_video_frame_buffer(picture->Paint())
                     .set_timestamp_rtp(image.RtpTimestamp())
                     .build();
    callback_->Decoded(frame, absl::nullopt, static_cast<uint8_t>(reader_.qp()));
    return WEBRTC_VIDEO_CODEC_OK;
  }
  int32_t RegisterDecodeCompleteCallback(webrtc::DecodedImageCallback* callback) override {
    callback_ = callback;
    return WEBRTC_VIDEO_CODEC_OK;
  }
  int32_t Release() override {
    reader_ = {};
    return WEBRTC_VIDEO_CODEC_OK;
  }
  DecoderInfo GetDecoderInfo() const override {
    DecoderInfo info;
    info.implementation_name = kName;
    return info;
  }

 private:
  StreamReader reader_;
  webrtc::DecodedImageCallback* callback_ = nullptr;
};

class Engine : public sora::CodecEngine {
 public:
  std::vector<webrtc::SdpVideoFormat> EncoderFormats() const override { return Formats(); }
  std::vector<webrtc::SdpVideoFormat> DecoderFormats() const override { return Formats(); }
  std::unique_ptr<webrtc::VideoEncoder> CreateEncoder(const webrtc::SdpVideoFormat& format) override {
    return std::make_unique<Encoder>(format);
  }
  std::unique_ptr<webrtc::VideoDecoder> CreateDecoder(const webrtc::SdpVideoFormat&) override {
    return std::make_unique<Decoder>();
  }

 private:
  static std::vector<webrtc::SdpVideoFormat> Formats() {
    webrtc::SdpVideoFormat format(cricket::kH265CodecName, {{cricket::kH265FmtpProfileId, "1"},
                                                            {cricket::kH265FmtpTierFlag, "0"},
                                                            {cricket::kH265FmtpLevelId, "180"},
                                                            {cricket::kH265FmtpTxMode, "SRST"}});
    format.scalability_modes = {webrtc::ScalabilityMode::kL1T1};
    return {format};
  }
};

[[maybe_unused]] const bool added = [] {
  sora::EngineKinds().push_back(
      {"TEST_H265", true, [](const sora::CodecOptions&, std::string&) -> std::unique_ptr<sora::CodecEngine> {
         return std::make_unique<Engine>();
       }});
  return true;
}();

}  // namespace
}  // namespace h265_test
