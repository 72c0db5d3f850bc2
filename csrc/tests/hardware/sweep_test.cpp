// Any call of a driver can fail, in each codec and direction: frames again within three seconds of the clock, or a reason; never
// silence for good, and nothing is left open. SORA_TEST_CALLS=200: each of the first 200 calls; less: so many of them, which
// SORA_TEST_SEED draws; by default some, most of them among those that open a session.
#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "support.h"

namespace {

constexpr int kWidth = 320, kHeight = 240;
constexpr int kFrameMs = 33;
constexpr int kRecoveryFrames = 3000 / kFrameMs;
constexpr int kMostCalls = 200;
// Of opening an engine twice, which tries each of its codecs.
constexpr int kMostOpeningCalls = 300;
// Frames between two changes of the bit rate, and between two key frames that are asked for: calls of the driver as well.
constexpr int kRateFrames = 7, kKeyFrames = 10;

struct Sweep {
  const test::Driver& driver;
  std::string codec;
  const char* fault;
  int n;

  std::string name() const { return std::string(driver.engine) + ", " + codec + ", " + fault + " " + std::to_string(n); }
};

// The calls that are made to fail. Each sweep draws others, the same every time for a seed.
std::vector<int> CallsThatFail(std::string seed, int how_many) {
  std::vector<int> calls;
  const int asked = test::Count("SORA_TEST_CALLS", 0);
  for (int n = 1; asked > 0 && n <= kMostCalls; ++n) calls.push_back(n);
  if (asked >= kMostCalls) return calls;
  if (asked > 0) seed += std::to_string(test::Count("SORA_TEST_SEED", 1));
  std::seed_seq sequence(seed.begin(), seed.end());
  std::mt19937 random(sequence);
  if (asked > 0) {
    std::shuffle(calls.begin(), calls.end(), random);
    calls.resize(static_cast<size_t>(asked));
    return calls;
  }
  for (int i = 0; i < how_many; ++i)
    calls.push_back(std::uniform_int_distribution<int>(1, i % 3 < 2 ? 25 : kMostCalls)(random));
  return calls;
}

// What an engine does, out of its capabilities.
std::vector<std::string> CodecsOf(const test::Driver& driver, bool encoder) {
  const auto capabilities = nlohmann::json::parse(sora::CodecEngines({}).Capabilities());
  std::vector<std::string> codecs;
  for (const auto& engine : capabilities.at("engines"))
    for (const auto& codec : engine.at("codecs"))
      if (engine.at("name") == driver.engine && codec.at(encoder ? "encoder" : "decoder").get<bool>())
        codecs.push_back(codec.at("type").get<std::string>());
  if (codecs.empty()) test::Fail(__FILE__, __LINE__, std::string(driver.engine) + " has no codecs");
  return codecs;
}

// Goes on until the call has been made, and then until there are frames again. next: whether a frame came out of its own call.
void FailCall(const Sweep& sweep, const test::Failures& failures, const std::function<bool()>& next) {
  const auto& driver = sweep.driver;
  const int64_t last = driver.Get("calls") + sweep.n;
  driver.Set(sweep.fault, sweep.n);
  for (int i = 0; i < 10 * kMostCalls && driver.Get("calls") < last; ++i) next();
  if (driver.Get("calls") < last) test::Fail(__FILE__, __LINE__, sweep.name() + ": there are not so many calls");
  bool again = false;
  for (int i = 0; i < kRecoveryFrames && !again; ++i) again = next();
  if (!again) {
    if (failures.texts.empty()) test::Fail(__FILE__, __LINE__, sweep.name() + ": silence");
    return;
  }
  for (int i = 0; i < 5; ++i)
    if (!next()) test::Fail(__FILE__, __LINE__, sweep.name() + ": a frame is missing after the first one");
}

void FailEncoder(const Sweep& sweep, const sora::CodecEngines& engines) {
  test::Clock clock;
  test::Failures failures;
  test::Sender sends(engines, sweep.codec, kWidth, kHeight, 500, failures);
  FailCall(sweep, failures, [&] {
    if (sends.number % kRateFrames == kRateFrames - 1) sends.SetRate(sends.number % 2 ? 300 : 500);
    sends.Next(sends.number % kKeyFrames == kKeyFrames - 1);
    clock.Advance(kFrameMs);
    return sends.image != nullptr;
  });
}

// A key frame by the driver or, where it does not encode the codec, by the library itself.
webrtc::EncodedImage KeyFrameOf(const test::Driver& driver, const std::string& codec) {
  const auto encoded = CodecsOf(driver, true);
  const bool encodes = std::find(encoded.begin(), encoded.end(), codec) != encoded.end();
  const auto engines = test::Engines({codec, encodes ? driver.engine : "INTERNAL", ""});
  test::Failures failures;
  test::Sender sends(engines, codec, kWidth, kHeight, 500, failures);
  REQUIRE_EQ(sends.Next(true), 0);
  REQUIRE(sends.image != nullptr);
  return *sends.image;
}

// The stand-in's decoders show the first picture for whatever comes.
void FailDecoder(const Sweep& sweep, const sora::CodecEngines& engines, webrtc::EncodedImage image) {
  test::Clock clock;
  test::Failures failures;
  test::Receiver receives(engines, sweep.codec, failures);
  bool key = true;
  FailCall(sweep, failures, [&] {
    const int before = receives.decoded.count;
    image._frameType = key ? webrtc::VideoFrameType::kVideoFrameKey : webrtc::VideoFrameType::kVideoFrameDelta;
    key = receives.Decode(image) != 0;
    clock.Advance(kFrameMs);
    return receives.decoded.count > before;
  });
}

void FailAll(bool encoder, const char* fault, int how_many) {
  for (const auto& driver : test::Drivers()) {
    driver.Reset();
    for (const auto& codec : CodecsOf(driver, encoder)) {
      const auto image = encoder ? webrtc::EncodedImage() : KeyFrameOf(driver, codec);
      driver.Set("null", 1);
      for (const int n : CallsThatFail(driver.engine + codec + fault, how_many)) {
        const Sweep sweep{driver, codec, fault, n};
        const auto engines = test::Engines({codec, encoder ? driver.engine : "", encoder ? "" : driver.engine});
        // Opens the engine, before calls are counted.
        if (encoder)
          engines.Encoded();
        else
          engines.Decoded();
        const int64_t open = driver.Get("open");
        if (encoder)
          FailEncoder(sweep, engines);
        else
          FailDecoder(sweep, engines, image);
        driver.Set(fault, 0);
        if (driver.Get("open") != open) test::Fail(__FILE__, __LINE__, sweep.name() + ": something is left open");
      }
      driver.Reset();
    }
  }
}

TEST(drivers_that_fail_in_any_call_of_an_encoder_send_again_or_say_why) { FailAll(true, "fail_at", 9); }
TEST(drivers_that_fail_in_any_call_of_a_decoder_show_frames_again_or_say_why) { FailAll(false, "fail_at", 9); }
TEST(drivers_that_are_busy_in_any_call_of_an_encoder_send_again_or_say_why) { FailAll(true, "busy_at", 3); }
TEST(drivers_that_are_busy_in_any_call_of_a_decoder_show_frames_again_or_say_why) { FailAll(false, "busy_at", 3); }
TEST(devices_that_are_lost_in_any_call_of_an_encoder_are_reported) { FailAll(true, "lost_at", 3); }
TEST(devices_that_are_lost_in_any_call_of_a_decoder_are_reported) { FailAll(false, "lost_at", 3); }

// In make test some of them.
TEST(drivers_that_fail_in_any_call_while_they_are_opened_are_refused_with_a_reason) {
  const int step = test::Count("SORA_TEST_CALLS", 0) >= kMostCalls ? 1 : 4;
  for (const auto& driver : test::Drivers()) {
    driver.Reset();
    int n = 0;
    for (bool failed = true; failed; driver.Reset()) {
      n += step;
      if (n > kMostOpeningCalls) test::Fail(__FILE__, __LINE__, "opening takes more calls than expected");
      const int64_t last = driver.Get("calls") + n;
      driver.Set("fail_at", n);
      for (const bool encoder : {true, false}) {
        try {
          const auto engines = test::Engines({"H264", encoder ? driver.engine : "", encoder ? "" : driver.engine});
          REQUIRE(!(encoder ? engines.Encoded() : engines.Decoded()).empty());
        } catch (const std::exception& error) {
          REQUIRE_HAS(error.what(), std::string(driver.engine) + " cannot ");
          REQUIRE_HAS(error.what(), std::string(encoder ? "encode" : "decode") + " H264: ");
        }
      }
      failed = driver.Get("calls") >= last;
    }
    REQUIRE(n > 5);
  }
}

}  // namespace
