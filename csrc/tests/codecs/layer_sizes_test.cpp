// Simulcast over an engine with a least size of frames.
#include <map>

#include "api/video/video_bitrate_allocation.h"
#include "codecs/internal/engine.h"
#include "codecs/video_codec_factories.h"
#include "core/log.h"
#include "modules/video_coding/include/video_error_codes.h"
#include "support.h"

namespace {

constexpr sora::SizeLimits kLimits{128, 96, 4096, 2304};

// libaom's encoder, which refuses what a device refuses.
class Picky : public webrtc::VideoEncoder {
 public:
  explicit Picky(std::unique_ptr<webrtc::VideoEncoder> encoder) : encoder_(std::move(encoder)) {}

  int InitEncode(const webrtc::VideoCodec* codec, const Settings& settings) override {
    if (codec->width < kLimits.min_width || codec->height < kLimits.min_height) return WEBRTC_VIDEO_CODEC_ERR_PARAMETER;
    return encoder_->InitEncode(codec, settings);
  }
  int32_t RegisterEncodeCompleteCallback(webrtc::EncodedImageCallback* callback) override {
    return encoder_->RegisterEncodeCompleteCallback(callback);
  }
  int32_t Release() override { return encoder_->Release(); }
  int32_t Encode(const webrtc::VideoFrame& frame, const std::vector<webrtc::VideoFrameType>* types) override {
    return encoder_->Encode(frame, types);
  }
  void SetRates(const RateControlParameters& parameters) override { encoder_->SetRates(parameters); }
  EncoderInfo GetEncoderInfo() const override { return encoder_->GetEncoderInfo(); }

 private:
  const std::unique_ptr<webrtc::VideoEncoder> encoder_;
};

class PickyEngine : public sora::CodecEngine {
 public:
  std::vector<webrtc::SdpVideoFormat> EncoderFormats() const override { return internal_->EncoderFormats(); }
  std::vector<webrtc::SdpVideoFormat> DecoderFormats() const override { return internal_->DecoderFormats(); }
  std::optional<sora::SizeLimits> EncoderSizes(const webrtc::SdpVideoFormat&) const override { return kLimits; }
  std::unique_ptr<webrtc::VideoEncoder> CreateEncoder(const webrtc::SdpVideoFormat& format) override {
    return std::make_unique<Picky>(internal_->CreateEncoder(format));
  }
  std::unique_ptr<webrtc::VideoDecoder> CreateDecoder(const webrtc::SdpVideoFormat& format) override {
    return internal_->CreateDecoder(format);
  }

 private:
  const std::unique_ptr<sora::CodecEngine> internal_ = sora::CreateInternalEngine();
};

// What three layers of a width and height, the lowest a quarter of it, give: the number of frames of each layer that is sent.
// warnings: lines of the log about layers that are left out.
std::map<int, int> SendThreeLayers(int width, int height, int& warnings) {
  constexpr int kFrames = 10;
  warnings = 0;
  sora::EnableLog(
      &warnings,
      [&warnings](sora_log_severity, std::string_view line) {
        if (line.find("is left out") != std::string_view::npos) ++warnings;
        return true;
      },
      SORA_LOG_SEVERITY_WARNING);
  const test::Implementation implementation{"AV1", "libaom", std::make_shared<PickyEngine>()};
  const auto factory = sora::CreateVideoEncoderFactory({{implementation.Format(), implementation.engine}});
  const auto encoder = factory->CreateVideoEncoder(implementation.Format());
  webrtc::VideoCodec settings = test::Codec("AV1", width, height, 900);
  settings.numberOfSimulcastStreams = 3;
  webrtc::VideoBitrateAllocation bitrate;
  for (size_t i = 0; i < 3; ++i) {
    auto& layer = settings.simulcastStream[i];
    layer = settings.simulcastStream[0];
    layer.width = static_cast<uint16_t>(width >> (2 - i));
    layer.height = static_cast<uint16_t>(height >> (2 - i));
    layer.targetBitrate = layer.maxBitrate = 300;
    bitrate.SetBitrate(i, 0, 300'000);
  }
  test::Encoded encoded;
  // Twice, as for a new size or rate of the source: the warning comes once.
  for (int round = 0; round < 2; ++round) {
    REQUIRE_EQ(encoder->InitEncode(&settings, test::EncoderSettings()), 0);
    REQUIRE_EQ(encoder->RegisterEncodeCompleteCallback(&encoded), 0);
    encoder->SetRates(webrtc::VideoEncoder::RateControlParameters(bitrate, 30));
    for (int number = 0; number < kFrames; ++number) {
      const std::vector<webrtc::VideoFrameType> types(
          3, number == 0 ? webrtc::VideoFrameType::kVideoFrameKey : webrtc::VideoFrameType::kVideoFrameDelta);
      REQUIRE_EQ(encoder->Encode(test::MovingFrame(width, height, number), &types), 0);
    }
    REQUIRE_EQ(encoder->Release(), 0);
  }
  sora::DisableLog(&warnings);
  std::map<int, int> frames;
  for (const auto& image : encoded.images) {
    const int layer = image.SimulcastIndex().value_or(0);
    REQUIRE_EQ(static_cast<int>(image._encodedWidth), width >> (2 - layer));
    ++frames[layer];
  }
  for (const auto& [layer, count] : frames) REQUIRE(count >= 2 * kFrames - 4);
  return frames;
}

TEST(simulcast_leaves_out_the_layer_that_is_too_small_with_one_warning) {
  int warnings = 0;
  const auto frames = SendThreeLayers(320, 240, warnings);
  REQUIRE_EQ(frames.size(), 2u);
  REQUIRE_EQ(frames.count(0), 0u);
  REQUIRE_EQ(warnings, 1);
}

TEST(simulcast_sends_every_layer_that_fits) {
  int warnings = 0;
  REQUIRE_EQ(SendThreeLayers(640, 384, warnings).size(), 3u);
  REQUIRE_EQ(warnings, 0);
}

TEST(simulcast_with_one_layer_left_sends_it_under_its_own_index) {
  int warnings = 0;
  const auto frames = SendThreeLayers(192, 160, warnings);
  REQUIRE_EQ(frames.size(), 1u);
  REQUIRE_EQ(frames.begin()->first, 2);
  REQUIRE_EQ(warnings, 1);
}

}  // namespace
