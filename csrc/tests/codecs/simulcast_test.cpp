// Three layers of each codec under libwebrtc's simulcast adapter, as our factory makes it.
#include <map>

#include "api/video/video_bitrate_allocation.h"
#include "codecs/video_codec_factories.h"
#include "support.h"

namespace {

constexpr int kWidth = 640, kHeight = 384, kFrames = 20;

// name: encoderImplementation of the statistics.
void SendThreeLayers(const std::string& codec, const std::string& name) {
  for (const auto& implementation : test::ImplementationsOf(codec)) {
    const auto factory = sora::CreateVideoEncoderFactory({{implementation.Format(), implementation.engine}});
    const auto encoder = factory->CreateVideoEncoder(implementation.Format());
    REQUIRE(encoder != nullptr);
    webrtc::VideoCodec settings = test::Codec(codec, kWidth, kHeight, 1300);
    settings.numberOfSimulcastStreams = 3;
    webrtc::VideoBitrateAllocation bitrate;
    constexpr unsigned kKbps[] = {150, 350, 800};
    for (size_t i = 0; i < 3; ++i) {
      auto& layer = settings.simulcastStream[i];
      layer = settings.simulcastStream[0];
      layer.width = static_cast<uint16_t>(kWidth >> (2 - i));
      layer.height = static_cast<uint16_t>(kHeight >> (2 - i));
      layer.targetBitrate = layer.maxBitrate = kKbps[i];
      bitrate.SetBitrate(i, 0, kKbps[i] * 1000);
    }
    test::Encoded encoded;
    REQUIRE_EQ(encoder->InitEncode(&settings, test::EncoderSettings()), 0);
    REQUIRE_EQ(encoder->RegisterEncodeCompleteCallback(&encoded), 0);
    encoder->SetRates(webrtc::VideoEncoder::RateControlParameters(bitrate, 30));
    for (int number = 0; number < kFrames; ++number) {
      const std::vector<webrtc::VideoFrameType> types(
          3, number == 0 ? webrtc::VideoFrameType::kVideoFrameKey : webrtc::VideoFrameType::kVideoFrameDelta);
      REQUIRE_EQ(encoder->Encode(test::MovingFrame(kWidth, kHeight, number), &types), 0);
    }
    REQUIRE_EQ(encoder->GetEncoderInfo().implementation_name, name);
    std::map<int, std::vector<webrtc::EncodedImage>> layers;
    for (const auto& image : encoded.images) layers[image.SimulcastIndex().value_or(0)].push_back(image);
    REQUIRE_EQ(layers.size(), 3u);
    for (const auto& [index, images] : layers) {
      REQUIRE(images.size() >= kFrames - 2u);
      test::DecodedFrames decoded;
      const auto decoder = test::StartDecoder(implementation, decoded);
      for (const auto& image : images) {
        REQUIRE_EQ(static_cast<int>(image._encodedWidth), kWidth >> (2 - index));
        REQUIRE_EQ(static_cast<int>(image._encodedHeight), kHeight >> (2 - index));
        REQUIRE_EQ(decoder->Decode(image, 0), 0);
      }
      REQUIRE_EQ(static_cast<size_t>(decoded.count), images.size());
      REQUIRE_EQ(decoded.last->width(), kWidth >> (2 - index));
    }
  }
}

TEST(VP8_sends_three_layers) { SendThreeLayers("VP8", "libvpx"); }  // which codes them all at once
TEST(VP9_sends_three_layers) { SendThreeLayers("VP9", "SimulcastEncoderAdapter (libvpx, libvpx, libvpx)"); }
TEST(AV1_sends_three_layers) { SendThreeLayers("AV1", "SimulcastEncoderAdapter (libaom, libaom, libaom)"); }
TEST(H264_sends_three_layers) { SendThreeLayers("H264", "SimulcastEncoderAdapter (OpenH264, OpenH264, OpenH264)"); }

}  // namespace
