// What a driver or a device lacks is refused with the reason: sessions, codecs, levels, a device that is lost while it is opened.
#include "codecs/hardware/h265_level.h"
#include "modules/video_coding/include/video_error_codes.h"
#include "support.h"

namespace {

constexpr int kWidth = 320, kHeight = 240;

// The error of engines that encode, or decode, one codec; empty: there is none.
std::string Refusal(const test::Driver& driver, const std::string& codec, bool encoder) {
  try {
    const auto engines = test::Engines({codec, encoder ? driver.engine : "", encoder ? "" : driver.engine});
    encoder ? engines.Encoded() : engines.Decoded();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST(NVIDIA_reports_a_full_driver_by_either_number_and_a_second_engine_takes_over) {
  const test::Driver& driver = test::Drivers()[0];
  // NV_ENC_ERR_OUT_OF_MEMORY and, with drivers from 2022 on, NV_ENC_ERR_INCOMPATIBLE_CLIENT_KEY.
  for (const int number : {10, 21}) {
    driver.Reset();
    {
      const auto engines = test::Engines({"AV1", driver.engine, "", "INTERNAL", ""});
      engines.Encoded();  // asks the device before it is full
      driver.Set("session_limit", 1);
      driver.Set("session_error", number);
      test::Failures failures;
      test::Sender first(engines, "AV1", kWidth, kHeight, 500, failures);
      test::Sender second(engines, "AV1", kWidth, kHeight, 500, failures);
      REQUIRE_EQ(first.Next(), 0);
      for (int i = 0; i < 3; ++i) second.Next();
      REQUIRE_EQ(first.Next(), 0);
      REQUIRE_EQ(first.images, 2);
      REQUIRE_EQ(first.name(), std::string(driver.name));
      REQUIRE_EQ(second.name(), std::string("libaom"));
      REQUIRE(second.images >= 2);
      REQUIRE_EQ(failures.texts.size(), 1u);
      REQUIRE_HAS(failures.texts[0], "nvEncOpenEncodeSessionEx: " + std::to_string(number) +
                                         " (the driver has no free encoder session, or no memory for one)");
      REQUIRE_HAS(failures.texts[0], "; INTERNAL takes over");
    }
    driver.Reset();
  }
}

TEST(devices_encode_VP9_where_they_say_so) {
  const test::Driver& driver = test::Drivers()[1];
  driver.Reset();
  {
    const auto engines = test::Engines({"VP9", driver.engine, "INTERNAL"});
    test::Failures failures;
    test::Sender sends(engines, "VP9", kWidth, kHeight, 800, failures);
    test::Receiver receives(engines, "VP9", failures);
    for (int i = 0; i < 30; ++i) {
      const bool asked = i == 10 || i == 20;
      if (i == 15) sends.SetRate(400, 15);
      REQUIRE_EQ(sends.Next(asked), 0);
      REQUIRE_EQ(sends.image->_frameType == webrtc::VideoFrameType::kVideoFrameKey, asked || i == 0);
      REQUIRE(sends.image->qp_ >= 0);
      REQUIRE_EQ(sends.info.codecSpecific.VP9.inter_pic_predicted, !(asked || i == 0));
      REQUIRE_EQ(receives.Decode(*sends.image), 0);
      REQUIRE_EQ(receives.decoded.count, i + 1);
      REQUIRE(test::Psnr(*sends.source, *receives.decoded.last) >= 30);
    }
    REQUIRE_EQ(sends.name(), std::string(driver.name));
    REQUIRE_EQ(receives.name(), std::string("libvpx"));
    REQUIRE_EQ(failures.texts.size(), 0u);
  }
  driver.Reset();
  driver.Set("without", 32);
  REQUIRE_HAS(Refusal(driver, "VP9", true), "INTEL_VPL cannot encode VP9: the device encodes AV1, H264");
  REQUIRE_EQ(Refusal(driver, "VP9", false), std::string());
  driver.Reset();
  // NVIDIA's devices decode it alone.
  REQUIRE_HAS(Refusal(test::Drivers()[0], "VP9", true),
              "NVIDIA_VIDEO_CODEC_SDK cannot encode VP9: the device encodes AV1, H264");
}

TEST(devices_that_lack_a_codec_list_those_that_they_have) {
  for (const auto& driver : test::Drivers()) {
    driver.Reset();
    driver.Set("without", 1 | 2 | 8);
    REQUIRE_HAS(Refusal(driver, "H264", true), "cannot encode H264: the device encodes ");
    REQUIRE_HAS(Refusal(driver, "H264", false), "cannot decode H264: the device decodes VP9, AV1 alone");
    REQUIRE_EQ(Refusal(driver, "AV1", true), std::string());
    driver.Reset();
  }
}

TEST(devices_that_are_lost_while_they_are_opened_say_so_and_are_found_again) {
  for (const auto& driver : test::Drivers()) {
    int refused = 0;
    for (int call = 1; call <= 12; ++call) {
      driver.Reset();
      driver.Set("lost_at", call);
      for (const bool encoder : {true, false}) {
        const std::string text = Refusal(driver, "H264", encoder);
        if (text.empty()) continue;
        REQUIRE_HAS(text, std::string(driver.engine) + " cannot " + (encoder ? "encode" : "decode") + " H264: ");
        // More than the name of the engine: the call that failed, or that there is no device.
        REQUIRE(text.find(": ", text.find("H264: ") + 6) != std::string::npos || text.find("device") != std::string::npos);
        ++refused;
      }
      driver.Set("lost_at", 0);
      REQUIRE_EQ(Refusal(driver, "H264", true), std::string());
    }
    REQUIRE(refused >= 6);
    driver.Reset();
  }
}

TEST(H265LevelOf_is_the_lowest_level_that_a_frame_fits) {
  REQUIRE_EQ(sora::H265LevelOf(128, 96), 30);
  REQUIRE_EQ(sora::H265LevelOf(640, 360), 63);
  REQUIRE_EQ(sora::H265LevelOf(960, 540), 90);
  REQUIRE_EQ(sora::H265LevelOf(1280, 720), 93);
  REQUIRE_EQ(sora::H265LevelOf(1920, 1080), 120);
  REQUIRE_EQ(sora::H265LevelOf(3840, 2160), 150);
  REQUIRE_EQ(sora::H265LevelOf(7680, 4320), 180);
  REQUIRE_EQ(sora::H265LevelOf(32, 2200), 93);  // few samples, but a long side
  REQUIRE_EQ(sora::H265LevelOf(20'000, 20'000), 0);
  REQUIRE_EQ(sora::H265LevelText(153), std::string("5.1"));
  REQUIRE_EQ(sora::H265LevelText(30), std::string("1.0"));
}

// general_level_idc of the first sequence parameter set (ITU-T H.265, 7.3.2.2): behind it, one byte of ids, and 11 of the profile.
int LevelOf(const webrtc::EncodedImage& image) {
  const auto* const data = image.data();
  std::vector<uint8_t> set;
  for (size_t i = 0; i + 40 < image.size(); ++i) {
    if (data[i] != 0 || data[i + 1] != 0 || data[i + 2] != 1 || (data[i + 3] >> 1 & 63) != 33) continue;
    for (size_t j = i + 3; j < i + 40; ++j)
      if (!(set.size() >= 2 && data[j] == 3 && data[j - 1] == 0 && data[j - 2] == 0)) set.push_back(data[j]);
    return set[2 + 1 + 11];
  }
  test::Fail(__FILE__, __LINE__, "a key frame has no sequence parameter set");
}

TEST(devices_of_a_lower_level_of_H265_serve_offers_of_a_higher_one) {
  for (const auto& driver : test::Drivers()) {
    driver.Reset();
    driver.Set("level", 41);
    {
      const auto engines = test::Engines({"H265", driver.engine, driver.engine});
      // What the embedded server offers by itself, and the highest there is.
      for (const char* level : {"180", "186", "93"}) {
        test::Failures failures;
        test::Sender sends(engines, "H265", kWidth, kHeight, 500, failures, level);
        test::Receiver receives(engines, "H265", failures, level);
        for (int i = 0; i < 3; ++i) {
          REQUIRE_EQ(sends.Next(), 0);
          if (i == 0) REQUIRE(LevelOf(*sends.image) <= std::min(123, std::atoi(level)));
          REQUIRE_EQ(receives.Decode(*sends.image), 0);
          REQUIRE(test::Psnr(*sends.source, *receives.decoded.last) >= 30);
        }
        REQUIRE_EQ(failures.texts.size(), 0u);
      }
      REQUIRE_HAS(engines.Capabilities(), R"("h265_encoder_level":"4.1")");
    }
    driver.Reset();
  }
}

TEST(the_null_codecs_of_stand_ins_repeat_their_first_frame) {
  for (const auto& driver : test::Drivers()) {
    driver.Reset();
    driver.Set("null", 1);
    {
      const auto engines = test::Engines({"H264", driver.engine, driver.engine});
      test::Failures failures;
      test::Sender sends(engines, "H264", kWidth, kHeight, 500, failures);
      test::Receiver receives(engines, "H264", failures);
      std::vector<uint8_t> first;
      for (int i = 0; i < 5; ++i) {
        REQUIRE_EQ(sends.Next(), 0);
        const std::vector<uint8_t> bytes(sends.image->data(), sends.image->data() + sends.image->size());
        if (i == 0) first = bytes;
        REQUIRE(bytes == first);
        REQUIRE_EQ(receives.Decode(*sends.image), 0);
        REQUIRE_EQ(receives.decoded.count, i + 1);
      }
    }
    driver.Reset();
  }
}

}  // namespace
