// Each engine over a driver, codec and direction: every frame comes of its own call, and looks like what was sent.
#include "support.h"

namespace {

constexpr int kWidth = 640, kHeight = 360, kFrames = 30;
constexpr double kLeastPsnr = 30;

// sender, receiver: engines by name.
void SendAndReceive(const test::Driver& driver, const std::string& codec, const std::string& sender,
                    const std::string& receiver, const std::string& profile = "") {
  driver.Reset();
  {
    const auto engines = test::Engines({codec, sender, receiver});
    test::Failures failures;
    test::Sender sends(engines, codec, kWidth, kHeight, 1500, failures, profile);
    test::Receiver receives(engines, codec, failures);
    for (int i = 0; i < kFrames; ++i) {
      const bool asked = i == 10 || i == 11 || i == 20;
      REQUIRE_EQ(sends.Next(asked), 0);
      REQUIRE(sends.image != nullptr);
      const bool key = sends.image->_frameType == webrtc::VideoFrameType::kVideoFrameKey;
      REQUIRE_EQ(key, asked || i == 0);
      REQUIRE(sends.image->qp_ >= 0);
      REQUIRE_EQ(receives.Decode(*sends.image), 0);
      REQUIRE_EQ(receives.decoded.count, i + 1);
      REQUIRE_EQ(receives.decoded.last->timestamp(), sends.source->timestamp());
      const double psnr = test::Psnr(*sends.source, *receives.decoded.last);
      if (psnr < kLeastPsnr)
        test::Fail(__FILE__, __LINE__, codec + ", frame " + std::to_string(i) + ": " + std::to_string(psnr) + " dB");
    }
    REQUIRE_EQ(sends.keys, 4);
    if (codec == "AV1") REQUIRE(sends.info.generic_frame_info.has_value());
    if (sender == driver.engine) REQUIRE_EQ(sends.name(), std::string(driver.name));
    if (receiver == driver.engine) REQUIRE_EQ(receives.name(), std::string(driver.name));
    REQUIRE_EQ(failures.texts.size(), 0u);
  }
  driver.Reset();
}

void SendAndReceive(const std::string& codec) {
  for (const auto& driver : test::Drivers()) {
    const std::string engine = driver.engine;
    // VP8 and VP9 are encoded by hardly any device.
    const bool encodes = codec != "VP8" && codec != "VP9";
    const bool decodes = codec != "VP8" || engine == "NVIDIA_VIDEO_CODEC_SDK";
    if (decodes) SendAndReceive(driver, codec, encodes ? engine : "INTERNAL", engine);
    // Others decode what it encodes.
    if (codec == "AV1") SendAndReceive(driver, codec, engine, "INTERNAL");
  }
}

TEST(drivers_decode_VP8) { SendAndReceive("VP8"); }
TEST(drivers_decode_VP9) { SendAndReceive("VP9"); }
TEST(drivers_encode_and_decode_AV1) { SendAndReceive("AV1"); }
TEST(drivers_encode_and_decode_H264) { SendAndReceive("H264"); }
TEST(drivers_encode_and_decode_H265) { SendAndReceive("H265"); }

TEST(drivers_decode_another_size_in_mid_stream_and_refuse_what_is_broken) {
  for (const auto& driver : test::Drivers()) {
    driver.Reset();
    {
      const auto engines = test::Engines({"H264", driver.engine, driver.engine});
      test::Failures failures;
      test::Sender small(engines, "H264", 320, 240, 500, failures), large(engines, "H264", 640, 360, 500, failures);
      test::Receiver receives(engines, "H264", failures);
      const test::Clock clock;
      for (test::Sender* sends : {&small, &large, &small}) {
        for (int i = 0; i < 3; ++i) {
          REQUIRE_EQ(sends->Next(i == 0), 0);
          REQUIRE_EQ(receives.Decode(*sends->image), 0);
          REQUIRE(test::Psnr(*sends->source, *receives.decoded.last) >= kLeastPsnr);
        }
      }
      // Noise is no failure of the device, however much of it comes; the next key frame is decoded.
      const int before = receives.decoded.count;
      std::vector<uint8_t> noise(1000);
      for (int i = 0; i < 10; ++i) {
        for (size_t j = 0; j < noise.size(); ++j) noise[j] = static_cast<uint8_t>(j * 31 + static_cast<size_t>(i) * 7);
        REQUIRE(receives.Decode(test::KeyFrame(noise)) != 0);
      }
      REQUIRE_EQ(receives.decoded.count, before);
      REQUIRE_EQ(failures.texts.size(), 0u);
      REQUIRE_EQ(small.Next(true), 0);
      REQUIRE_EQ(receives.Decode(*small.image), 0);
      REQUIRE(test::Psnr(*small.source, *receives.decoded.last) >= kLeastPsnr);
    }
    driver.Reset();
  }
}

// profile_idc and the constraints of the first sequence parameter set (ITU-T H.264, 7.3.2.1.1).
std::pair<int, int> ProfileOf(const webrtc::EncodedImage& image) {
  const auto* const data = image.data();
  for (size_t i = 0; i + 6 < image.size(); ++i)
    if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1 && (data[i + 3] & 31) == 7) return {data[i + 4], data[i + 5]};
  test::Fail(__FILE__, __LINE__, "a key frame has no sequence parameter set");
}

TEST(drivers_encode_the_negotiated_profile_of_H264_with_parameter_sets_at_each_key_frame) {
  for (const auto& driver : test::Drivers()) {
    driver.Reset();
    {
      const auto engines = test::Engines({"H264", driver.engine, driver.engine});
      test::Failures failures;
      test::Sender sends(engines, "H264", 320, 240, 500, failures, "42e0");
      for (int i = 0; i < 3; ++i) {
        REQUIRE_EQ(sends.Next(true), 0);
        REQUIRE_EQ(ProfileOf(*sends.image).first, 66);
      }
    }
    driver.Reset();
  }
}

}  // namespace
