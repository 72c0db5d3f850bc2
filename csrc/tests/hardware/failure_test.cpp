// Drivers that fail: media again within seconds, or a reason; never silence for good.
#include "support.h"

namespace {

constexpr int kWidth = 320, kHeight = 240;
constexpr int kFrameMs = 33;
constexpr int kRecoveryFrames = 3000 / kFrameMs;

TEST(drivers_with_too_few_sessions_say_so_and_the_others_go_on) {
  for (const auto& driver : test::Drivers()) {
    driver.Reset();
    {
      const auto engines = test::Engines({"H264", driver.engine, ""});
      engines.Encoded();  // asks the device before it is full
      driver.Set("session_limit", 3);
      test::Failures failures;
      std::vector<std::unique_ptr<test::Sender>> senders;
      for (int i = 0; i < 4; ++i)
        senders.push_back(std::make_unique<test::Sender>(engines, "H264", kWidth, kHeight, 500, failures));
      test::Clock clock;
      for (int i = 0; i < kRecoveryFrames; ++i) {
        for (const auto& sender : senders) sender->Next();
        clock.Advance(kFrameMs);
      }
      for (int i = 0; i < 3; ++i) REQUIRE_EQ(senders[static_cast<size_t>(i)]->images, kRecoveryFrames);
      REQUIRE_EQ(senders[3]->images, 0);
      REQUIRE_EQ(failures.texts.size(), 1u);
      REQUIRE_HAS(failures.texts[0], std::string(driver.engine) + " cannot encode H264 any more: ");
      // When another leaves, it gets its place within a second.
      senders.erase(senders.begin());
      for (int i = 0; i < 1000 / kFrameMs + 1; ++i) {
        senders.back()->Next();
        clock.Advance(kFrameMs);
      }
      REQUIRE(senders.back()->images > 0);
    }
    driver.Reset();
  }
}

TEST(a_second_engine_takes_over_when_the_device_is_lost) {
  for (const auto& driver : test::Drivers()) {
    driver.Reset();
    {
      test::Clock clock;
      const auto engines = test::Engines({"AV1", driver.engine, driver.engine, "INTERNAL", "INTERNAL"});
      test::Failures failures;
      test::Sender sends(engines, "AV1", kWidth, kHeight, 500, failures);
      test::Receiver receives(engines, "AV1", failures);
      driver.Set("lost_frame", 40);  // coded and decoded ones
      bool key = false;
      int missing = 0;
      for (int i = 0; i < 60; ++i) {
        const int before = receives.decoded.count;
        sends.Next(key);
        key = sends.image && receives.Decode(*sends.image) != 0;
        missing += receives.decoded.count == before;
        if (receives.decoded.count > before) REQUIRE(test::Psnr(*sends.source, *receives.decoded.last) >= 28);
        clock.Advance(kFrameMs);
      }
      REQUIRE_EQ(sends.name(), std::string("libaom"));
      REQUIRE(receives.name() != driver.name);
      REQUIRE(missing <= 500 / kFrameMs);
      REQUIRE_EQ(failures.texts.size(), 2u);
      for (const auto& text : failures.texts) REQUIRE_HAS(text, "; INTERNAL takes over");
    }
  }
}

TEST(engines_say_that_there_is_no_device) {
  for (const auto& driver : test::Drivers()) {
    driver.Reset();
    driver.Set("absent", 1);
    std::string text;
    try {
      test::Engines({"H264", driver.engine, ""}).Encoded();
    } catch (const std::exception& error) {
      text = error.what();
    }
    driver.Set("absent", 0);
    REQUIRE_HAS(text, std::string(driver.engine) + " cannot encode H264: ");
    REQUIRE_HAS(text, "device");
    driver.Reset();
  }
}

}  // namespace
