// Every implementation: what it encodes can be decoded, key frames come on request, and size and bit rate can change.
#include <cstdio>

#include "support.h"

namespace {

size_t KeyFrames(const std::vector<webrtc::EncodedImage>& images) {
  size_t count = 0;
  for (const auto& image : images) count += image._frameType == webrtc::VideoFrameType::kVideoFrameKey;
  return count;
}

size_t Bytes(const std::vector<webrtc::EncodedImage>& images) {
  size_t sum = 0;
  for (const auto& image : images) sum += image.size();
  return sum;
}

void RequireGoodFrames(const test::Implementation& implementation, test::Encoder& encoder, int width, int height,
                       webrtc::VideoDecoder& decoder, test::DecodedFrames& decoded) {
  REQUIRE(!encoder.encoded.images.empty());
  for (const auto& image : encoder.encoded.images) REQUIRE_EQ(decoder.Decode(image, 0), 0);
  REQUIRE(decoded.last != nullptr);
  REQUIRE_EQ(decoded.last->width(), width);
  REQUIRE_EQ(decoded.last->height(), height);
  const double psnr = test::Psnr(*decoded.last, test::MovingFrame(width, height, encoder.number - 1));
  if (psnr < 30)
    test::Fail(__FILE__, __LINE__,
               implementation.codec + " by " + implementation.decoder + ": " + std::to_string(psnr) + " dB");
}

void EncodeAndDecode(const std::string& codec) {
  for (const auto& implementation : test::ImplementationsOf(codec)) {
    test::DecodedFrames decoded;
    const auto decoder = test::StartDecoder(implementation, decoded);
    test::Encoder encoder(implementation, 320, 240, 800);
    for (int i = 0; i < 20; ++i) encoder.Next();
    REQUIRE_EQ(encoder.encoded.images.size() + static_cast<size_t>(encoder.encoded.dropped), 20u);
    REQUIRE_EQ(KeyFrames(encoder.encoded.images), 1u);
    RequireGoodFrames(implementation, encoder, 320, 240, *decoder, decoded);

    encoder.encoded.images.clear();
    for (int i = 0; i < 12; ++i) encoder.Next(i % 4 == 1);
    REQUIRE_EQ(KeyFrames(encoder.encoded.images), 3u);
    REQUIRE(encoder.encoded.images[1]._frameType == webrtc::VideoFrameType::kVideoFrameKey);
    RequireGoodFrames(implementation, encoder, 320, 240, *decoder, decoded);

    // A new size begins with a key frame.
    encoder.encoded.images.clear();
    encoder.Start(208, 160, 500);
    for (int i = 0; i < 10; ++i) encoder.Next();
    REQUIRE_EQ(KeyFrames(encoder.encoded.images), 1u);
    RequireGoodFrames(implementation, encoder, 208, 160, *decoder, decoded);
  }
}

constexpr int kRateNoise = 6;

// The rate over two seconds in kbps, after one second of settling.
double RateAt(test::Encoder& encoder, unsigned kbps) {
  encoder.SetRate(kbps);
  for (int i = 0; i < 30; ++i) encoder.Next();
  encoder.encoded.images.clear();
  for (int i = 0; i < 60; ++i) encoder.Next();
  return static_cast<double>(Bytes(encoder.encoded.images)) * 8 / 2 / 1000;
}

// With enough noise in the frames to use up any of the rates, but not so much that none suffices.
void FollowTheRate(const std::string& codec) {
  for (const auto& implementation : test::ImplementationsOf(codec)) {
    test::Encoder encoder(implementation, 320, 240, 800);
    encoder.noise = kRateNoise;
    for (const unsigned kbps : {800u, 300u, 800u}) {
      const double rate = RateAt(encoder, kbps);
      std::printf("%s %u kbps: %.0f\n", implementation.decoder.c_str(), kbps, rate);
      if (rate < kbps * 0.75 || rate > kbps * 1.25)
        test::Fail(__FILE__, __LINE__,
                   codec + " at " + std::to_string(kbps) + " kbps gives " + std::to_string(rate) + " kbps");
    }
  }
}

TEST(VP8_encodes_at_every_size_and_gives_key_frames) { EncodeAndDecode("VP8"); }
TEST(VP9_encodes_at_every_size_and_gives_key_frames) { EncodeAndDecode("VP9"); }
TEST(AV1_encodes_at_every_size_and_gives_key_frames) { EncodeAndDecode("AV1"); }
TEST(H264_encodes_at_every_size_and_gives_key_frames) { EncodeAndDecode("H264"); }
TEST(VP8_follows_the_bit_rate) { FollowTheRate("VP8"); }
TEST(VP9_follows_the_bit_rate) { FollowTheRate("VP9"); }
TEST(AV1_follows_the_bit_rate) { FollowTheRate("AV1"); }
TEST(H264_follows_the_bit_rate) { FollowTheRate("H264"); }

}  // namespace
