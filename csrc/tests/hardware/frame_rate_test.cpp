// Frame rates that change in mid-stream.
#include "support.h"

namespace {

TEST(drivers_follow_another_frame_rate_without_a_key_frame) {
  constexpr unsigned kKbps = 300;
  constexpr int kFrames = 45;
  for (const auto& driver : test::Drivers()) {
    // AMD's runtime begins with a key frame for another frame rate, so that its engine changes bit rates alone.
    if (std::string(driver.name) == "AMF") continue;
    for (const char* codec : {"AV1", "H264", "H265", "VP9"}) {
      if (std::string(codec) == "VP9" && std::string(driver.name) != "libvpl") continue;
      driver.Reset();
      {
        test::Clock clock;
        const auto engines = test::Engines({codec, driver.engine, ""});
        test::Failures failures;
        test::Sender sends(engines, codec, 320, 240, kKbps, failures);
        const auto bytes_at = [&](int fps) {
          sends.SetRate(kKbps, fps);
          const auto code = [&] {
            const size_t before = sends.bytes;
            for (int i = 0; i < kFrames; ++i) {
              REQUIRE_EQ(sends.Next(), 0);
              clock.Advance(1000 / fps);
            }
            return sends.bytes - before;
          };
          code();  // settles
          return code();
        };
        const size_t fast = bytes_at(30), slow = bytes_at(15), again = bytes_at(30);
        REQUIRE_EQ(sends.keys, 1);
        REQUIRE_EQ(failures.texts.size(), 0u);
        // Half the frames a second, so that each has twice the bits.
        const auto share = static_cast<double>(slow) / static_cast<double>(fast);
        if (share < 1.6 || share > 2.4 || again > fast * 5 / 4)
          test::Fail(__FILE__, __LINE__,
                     std::string(driver.engine) + ", " + codec + ": " + std::to_string(fast) + " bytes at 30 a second, " +
                         std::to_string(slow) + " at 15, " + std::to_string(again) + " at 30 again");
      }
      driver.Reset();
    }
  }
}

}  // namespace
