// Rates that change many times a second.
#include "codecs/hardware/rates.h"

#include <cmath>

#include "support.h"

namespace {

TEST(RateControl_passes_on_large_changes_at_once_and_small_ones_after_a_while) {
  sora::RateControl rates;
  rates.Want({1'000'000, 30});
  rates.Applied(5'000);
  REQUIRE(!rates.Due(5'001));
  rates.Want({1'050'000, 30});
  REQUIRE(!rates.Due(5'299));
  REQUIRE(rates.Due(5'300));
  rates.Want({1'200'000, 30});
  REQUIRE(rates.Due(5'001));
  rates.Want({1'000'000, 15});
  REQUIRE(rates.Due(5'001));
  rates.Want({1'001'000, 30});
  REQUIRE(!rates.Due(9'000));
}

TEST(drivers_follow_ten_rates_a_second_without_key_frames) {
  for (const auto& driver : test::Drivers())
    for (const char* codec : {"AV1", "H264", "H265"}) {
      driver.Reset();
      {
        test::Clock clock;
        const auto engines = test::Engines({codec, driver.engine, ""});
        test::Failures failures;
        test::Sender sends(engines, codec, 320, 240, 300, failures);
        // Ten seconds at 30 frames a second, up and down between 200 and 400 kbit/s.
        double wanted_bits = 0;
        for (int i = 0; i < 300; ++i) {
          const unsigned kbps = 300 + static_cast<unsigned>(100 * std::sin(i / 3 * 0.2));
          if (i % 3 == 0) sends.SetRate(kbps);
          REQUIRE_EQ(sends.Next(), 0);
          wanted_bits += kbps * 1000 / 30.0;
          clock.Advance(33);
        }
        REQUIRE_EQ(sends.keys, 1);
        REQUIRE_EQ(failures.texts.size(), 0u);
        const double share = static_cast<double>(sends.bytes) * 8 / wanted_bits;
        if (share < 0.85 || share > 1.15)
          test::Fail(__FILE__, __LINE__, std::string(codec) + " took " + std::to_string(share) + " of the rate");
      }
      driver.Reset();
    }
}

}  // namespace
