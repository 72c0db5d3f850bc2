// Sessions of drivers leave nothing behind: nothing open in the driver, neither memory nor threads. SORA_TEST_ROUNDS: how many.
#include <malloc.h>

#include "support.h"

namespace {

constexpr size_t kAllowedBytes = 16'384;

TEST(drivers_get_everything_back_from_encoders_and_decoders) {
  for (const auto& driver : test::Drivers()) {
    driver.Reset();
    driver.Set("null", 1);
    {
      const auto engines = test::Engines({"H264", driver.engine, driver.engine});
      test::Failures failures;
      const auto round = [&] {
        test::Sender sends(engines, "H264", 160, 96, 200, failures);
        test::Receiver receives(engines, "H264", failures);
        REQUIRE_EQ(sends.Next(), 0);
        REQUIRE_EQ(receives.Decode(*sends.image), 0);
        REQUIRE_EQ(receives.decoded.count, 1);
      };
      // Allocates what is kept, by the stand-in as well.
      for (int i = 0; i < 100; ++i) round();
      const int threads = test::Threads();
      const int64_t open = driver.Get("open");
      const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
      for (int i = 0; i < test::Count("SORA_TEST_ROUNDS", 1000); ++i) round();
      const size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
      REQUIRE_EQ(test::Threads(), threads);
      REQUIRE_EQ(driver.Get("open"), open);
      if (after > before + kAllowedBytes)
        test::Fail(__FILE__, __LINE__,
                   std::string(driver.engine) + " left " + std::to_string(after - before) + " bytes behind");
    }
    driver.Reset();
  }
}

}  // namespace
