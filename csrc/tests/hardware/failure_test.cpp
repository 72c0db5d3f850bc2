// Drivers that fail: media again within seconds, or a reason; never silence for good.
#include <cstdlib>
#include <random>

#include "modules/video_coding/include/video_error_codes.h"
#include "support.h"

namespace {

constexpr int kWidth = 320, kHeight = 240;
constexpr int kFrameMs = 33;
constexpr int kRecoveryFrames = 3000 / kFrameMs;

// The calls that are made to fail: all up to 200 with SORA_TEST_CALLS=200, else some of them, the same every time.
std::vector<int> CallsThatFail() {
  const int most = 200;
  std::vector<int> calls;
  if (test::Count("SORA_TEST_CALLS", 0) >= most) {
    for (int n = 1; n <= most; ++n) calls.push_back(n);
    return calls;
  }
  std::mt19937 random(1);
  for (int n = 1; n <= 30; ++n) calls.push_back(n);
  for (int i = 0; i < 15; ++i) calls.push_back(std::uniform_int_distribution<int>(31, most)(random));
  return calls;
}

// Sends frames for longer than n calls and then for three seconds, all but some of which must arrive in the end.
void FailCall(const test::Driver& driver, int n, bool lost) {
  driver.Reset();
  driver.Set("null", 1);
  test::Clock clock;
  const auto engines = test::Engines({"H264", driver.engine, driver.engine});
  test::Failures failures;
  {
    test::Sender sends(engines, "H264", kWidth, kHeight, 500, failures);
    test::Receiver receives(engines, "H264", failures);
    driver.Set(lost ? "lost_at" : "fail_at", n);
    bool key = false;
    const auto frame = [&] {
      const int before = receives.decoded.count;
      sends.Next(key);
      key = sends.image && receives.Decode(*sends.image) != 0;
      clock.Advance(kFrameMs);
      return receives.decoded.count > before;
    };
    for (int i = 0; i < 400 && driver.Get("faults") == 0; ++i) frame();
    bool media = false;
    for (int i = 0; i < kRecoveryFrames && !media; ++i) media = frame();
    if (!media && failures.texts.empty())
      test::Fail(__FILE__, __LINE__, std::string(driver.engine) + ": silence after call " + std::to_string(n));
  }
}

TEST(drivers_that_fail_in_any_call_send_again_within_three_seconds) {
  for (const auto& driver : test::Drivers()) {
    for (const int n : CallsThatFail()) FailCall(driver, n, false);
    driver.Reset();
  }
}

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
