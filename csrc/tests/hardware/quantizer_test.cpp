#include "codecs/hardware/quantizer.h"

#include <algorithm>

#include "support.h"

namespace {

TEST(Quantizer_reads_out_of_the_first_slice_what_libwebrtc_reads_out_of_all) {
  for (const auto& driver : test::Drivers())
    for (const char* codec : {"H264", "H265"}) {
      driver.Reset();
      {
        const auto engines = test::Engines({codec, driver.engine, ""});
        test::Failures failures;
        test::Sender sends(engines, codec, 640, 360, 300, failures);
        sora::Quantizer quantizer;
        webrtc::QpParser parser;
        const auto type = webrtc::PayloadStringToCodecType(codec);
        std::vector<uint32_t> found;
        // The rate goes down, and the quantizer up.
        for (int i = 0; i < 60; ++i) {
          if (i == 20) sends.SetRate(60);
          REQUIRE_EQ(sends.Next(i % 25 == 24), 0);
          const auto all = parser.Parse(type, 0, sends.image->data(), sends.image->size());
          REQUIRE(all.has_value());
          REQUIRE_EQ(quantizer.Read(type, *sends.image), *all);
          found.push_back(*all);
        }
        REQUIRE(*std::max_element(found.begin(), found.end()) > *std::min_element(found.begin(), found.end()));
      }
      driver.Reset();
    }
}

TEST(Quantizer_survives_what_is_cut_or_has_no_slices) {
  sora::Quantizer quantizer;
  const std::vector<uint8_t> start{0, 0, 0, 1, 0x65, 0x88, 0x84};
  for (size_t size = 1; size <= start.size(); ++size)
    for (const auto codec : {webrtc::kVideoCodecH264, webrtc::kVideoCodecH265})
      REQUIRE_EQ(quantizer.Read(codec, test::KeyFrame({start.begin(), start.begin() + static_cast<ptrdiff_t>(size)})), -1);
}

}  // namespace
