// Encoders and decoders leave nothing behind: no memory, no thread. SORA_TEST_ROUNDS: how many of each are made.
#include <malloc.h>

#include "support.h"

namespace {

constexpr int kWidth = 160, kHeight = 96;
constexpr size_t kAllowedBytesPerRound = 64;

void Round(const test::Implementation& implementation) {
  test::Encoder encoder(implementation, kWidth, kHeight, 200);
  encoder.Next();
  test::Pictures decoded;
  const auto decoder = test::StartDecoder(implementation, decoded);
  REQUIRE_EQ(decoder->Decode(encoder.encoded.images.at(0), 0), 0);
  REQUIRE_EQ(decoded.count, 1);
}

void MakeAndEnd(const std::string& codec) {
  const int rounds = test::Count("SORA_TEST_ROUNDS", 1'000);
  for (const auto& implementation : test::ImplementationsOf(codec)) {
    for (int i = 0; i < 10; ++i) Round(implementation);  // what is made once and kept
    const int threads = test::Threads();
    const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int i = 0; i < rounds; ++i) Round(implementation);
    const size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    REQUIRE_EQ(test::Threads(), threads);
    const size_t allowed = before + 16'384 + static_cast<size_t>(rounds) * kAllowedBytesPerRound;
    if (after > allowed)
      test::Fail(__FILE__, __LINE__,
                 implementation.decoder + " left " + std::to_string(after - before) + " bytes behind in " +
                     std::to_string(rounds) + " rounds");
  }
}

TEST(VP8_leaves_no_memory_and_no_thread_behind) { MakeAndEnd("VP8"); }
TEST(VP9_leaves_no_memory_and_no_thread_behind) { MakeAndEnd("VP9"); }
TEST(AV1_leaves_no_memory_and_no_thread_behind) { MakeAndEnd("AV1"); }
TEST(H264_leaves_no_memory_and_no_thread_behind) { MakeAndEnd("H264"); }

}  // namespace
