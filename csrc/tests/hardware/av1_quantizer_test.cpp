// The quantizer that libaom's decoder has for libaom's frames.
#include "codecs/hardware/av1_quantizer.h"

#include <aom/aom_decoder.h>
#include <aom/aomdx.h>

#include <random>

#include "codecs/internal/engine.h"
#include "support.h"

namespace {

test::Implementation Libaom() { return {"AV1", "libaom", sora::CreateInternalEngine()}; }

// libaom's own reading of a frame.
class LibaomQuantizer {
 public:
  LibaomQuantizer() { REQUIRE_EQ(aom_codec_dec_init(&context_, aom_codec_av1_dx(), nullptr, 0), AOM_CODEC_OK); }
  ~LibaomQuantizer() { aom_codec_destroy(&context_); }
  int Read(const webrtc::EncodedImage& image) {
    REQUIRE_EQ(aom_codec_decode(&context_, image.data(), image.size(), nullptr), AOM_CODEC_OK);
    aom_codec_iter_t iterator = nullptr;
    while (aom_codec_get_frame(&context_, &iterator)) {
    }
    int quantizer = -1;
    REQUIRE_EQ(aom_codec_control(&context_, AOMD_GET_LAST_QUANTIZER, &quantizer), AOM_CODEC_OK);
    return quantizer;
  }

 private:
  aom_codec_ctx_t context_{};
};

TEST(Av1Quantizer_reads_what_libaom_reads) {
  for (const auto& [width, height] : {std::pair(160, 96), std::pair(640, 360), std::pair(1284, 722)}) {
    test::Encoder encoder(Libaom(), width, height, 300);
    encoder.noise = 5;
    sora::Av1Quantizer ours;
    LibaomQuantizer theirs;
    int distinct = 0, before = -1;
    for (int i = 0; i < 20; ++i) {
      if (i == 10) encoder.SetRate(1200);
      encoder.Next(i == 15);
      const auto& image = encoder.encoded.images.back();
      const int expected = theirs.Read(image);
      REQUIRE_EQ(ours.Read({image.data(), image.size()}).value_or(-1), expected);
      distinct += expected != before;
      before = expected;
    }
    REQUIRE(distinct >= 2);
  }
}

TEST(Av1Quantizer_survives_what_is_cut_or_mutated) {
  test::Encoder encoder(Libaom(), 160, 96, 300);
  for (int i = 0; i < 2; ++i) encoder.Next();
  std::mt19937 random(7);
  for (const auto& image : encoder.encoded.images) {
    const std::vector<uint8_t> whole(image.data(), image.data() + image.size());
    for (size_t size = 0; size < std::min<size_t>(whole.size(), 60); ++size) {
      // In memory of its own, whose end AddressSanitizer knows.
      const std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
      sora::Av1Quantizer().Read(cut);
    }
    for (int i = 0; i < 20'000; ++i) {
      auto mutated = whole;
      for (int j = 0; j < 3; ++j) mutated[random() % std::min<size_t>(mutated.size(), 40)] = static_cast<uint8_t>(random());
      const auto quantizer = sora::Av1Quantizer().Read(mutated);
      REQUIRE(!quantizer || (*quantizer >= 0 && *quantizer <= 255));
    }
  }
}

}  // namespace
