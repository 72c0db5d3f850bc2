// Encoders under pressure: a rate too low for the content, and a pause.
#include <cstdio>

#include "api/video/video_bitrate_allocation.h"
#include "modules/video_coding/include/video_error_codes.h"
#include "support.h"

namespace {

constexpr int kWidth = 320, kHeight = 240, kNoise = 64;

webrtc::VideoEncoder::RateControlParameters Rate(unsigned kbps) {
  webrtc::VideoBitrateAllocation bitrate;
  bitrate.SetBitrate(0, 0, kbps * 1000);
  return {bitrate, 30};
}

struct Sent {
  size_t kbps;
  int dropped;
};

// Four seconds of noise; the first, with the key frame, does not count.
Sent SendNoise(const test::Implementation& implementation, bool may_drop, unsigned kbps) {
  const auto encoder = implementation.CreateEncoder();
  webrtc::VideoCodec codec = test::Codec(implementation.codec, kWidth, kHeight, kbps);
  codec.SetFrameDropEnabled(may_drop);
  test::Encoded encoded;
  REQUIRE_EQ(encoder->InitEncode(&codec, test::EncoderSettings()), 0);
  REQUIRE_EQ(encoder->RegisterEncodeCompleteCallback(&encoded), 0);
  encoder->SetRates(Rate(kbps));
  test::DecodedFrames decoded;
  const auto decoder = test::StartDecoder(implementation, decoded);
  size_t bytes = 0;
  for (int number = 0; number < 120; ++number) {
    const std::vector<webrtc::VideoFrameType> types{number == 0 ? webrtc::VideoFrameType::kVideoFrameKey
                                                                : webrtc::VideoFrameType::kVideoFrameDelta};
    encoded.images.clear();
    REQUIRE_EQ(encoder->Encode(test::NoisyFrame(kWidth, kHeight, number, kNoise), &types), 0);
    for (const auto& image : encoded.images) {
      REQUIRE_EQ(decoder->Decode(image, 0), 0);  // no frame depends on a dropped one
      if (number >= 30) bytes += image.size();
    }
  }
  REQUIRE_EQ(decoded.count + encoded.dropped, 120);
  return {bytes * 8 / 3 / 1000, encoded.dropped};
}

TEST(AV1_drops_what_does_not_fit_into_the_rate_and_only_then) {
  const auto implementation = test::ImplementationsOf("AV1").front();
  constexpr unsigned kKbps = 150;
  const Sent all = SendNoise(implementation, false, kKbps), some = SendNoise(implementation, true, kKbps);
  std::printf("noise at %u kbps: %zu kbps without drops, %zu kbps with %d of 120 frames dropped\n", kKbps, all.kbps,
              some.kbps, some.dropped);
  REQUIRE_EQ(all.dropped, 0);
  REQUIRE(all.kbps > 2 * kKbps);
  REQUIRE(some.dropped > 0);
  REQUIRE(some.dropped < 120);
  REQUIRE(some.kbps < kKbps * 5 / 4);
}

void AskInAPause(const std::string& name) {
  for (const auto& implementation : test::ImplementationsOf(name)) {
    const auto encoder = implementation.CreateEncoder();
    const webrtc::VideoCodec codec = test::Codec(name, kWidth, kHeight, 500);
    test::Encoded encoded;
    REQUIRE_EQ(encoder->InitEncode(&codec, test::EncoderSettings()), 0);
    REQUIRE_EQ(encoder->RegisterEncodeCompleteCallback(&encoded), 0);
    encoder->SetRates(Rate(500));
    const std::vector<webrtc::VideoFrameType> key{webrtc::VideoFrameType::kVideoFrameKey},
        delta{webrtc::VideoFrameType::kVideoFrameDelta};
    for (int number = 0; number < 3; ++number)
      REQUIRE_EQ(encoder->Encode(test::MovingFrame(kWidth, kHeight, number), &delta), 0);
    encoded.images.clear();
    encoder->SetRates(Rate(0));
    REQUIRE_EQ(encoder->Encode(test::MovingFrame(kWidth, kHeight, 3), &key), WEBRTC_VIDEO_CODEC_NO_OUTPUT);
    REQUIRE(encoded.images.empty());
    encoder->SetRates(Rate(500));
    for (int number = 4; number < 6; ++number)
      REQUIRE_EQ(encoder->Encode(test::MovingFrame(kWidth, kHeight, number), &delta), 0);
    REQUIRE_EQ(encoded.images.size(), 2u);
    REQUIRE(encoded.images[0]._frameType == webrtc::VideoFrameType::kVideoFrameKey);
    REQUIRE(encoded.images[1]._frameType == webrtc::VideoFrameType::kVideoFrameDelta);
  }
}

TEST(AV1_keeps_a_key_frame_request_over_a_pause) { AskInAPause("AV1"); }
TEST(H264_keeps_a_key_frame_request_over_a_pause) { AskInAPause("H264"); }

TEST(H264_starts_again_without_the_pause_of_before) {
  for (const auto& implementation : test::ImplementationsOf("H264")) {
    const auto encoder = implementation.CreateEncoder();
    const webrtc::VideoCodec codec = test::Codec("H264", kWidth, kHeight, 500);
    test::Encoded encoded;
    REQUIRE_EQ(encoder->InitEncode(&codec, test::EncoderSettings()), 0);
    REQUIRE_EQ(encoder->RegisterEncodeCompleteCallback(&encoded), 0);
    encoder->SetRates(Rate(0));
    REQUIRE_EQ(encoder->InitEncode(&codec, test::EncoderSettings()), 0);
    REQUIRE_EQ(encoder->Encode(test::MovingFrame(kWidth, kHeight, 0), nullptr), 0);
    REQUIRE_EQ(encoded.images.size(), 1u);
  }
}

}  // namespace
