// Encoders and decoders leave nothing behind, neither memory nor threads. SORA_TEST_ROUNDS: how many of each are made.
#include <malloc.h>

#include "support.h"

namespace {

// What the allocator may keep for itself, however many rounds there are.
constexpr size_t kAllowedBytes = 16'384;
constexpr int kLargeRounds = 10;

void Round(const test::Implementation& implementation, int width, int height, int cores) {
  test::Encoder encoder(implementation, width, height, 200, cores);
  encoder.Next();
  test::DecodedFrames decoded;
  const auto decoder = test::StartDecoder(implementation, decoded);
  REQUIRE_EQ(decoder->Decode(encoder.encoded.images.at(0), 0), 0);
  REQUIRE_EQ(decoded.count, 1);
}

void SmallRound(const test::Implementation& implementation) { Round(implementation, 160, 96, 2); }

// Large enough, and with enough cores, for every implementation to use several threads.
void LargeRound(const test::Implementation& implementation) { Round(implementation, 1280, 720, 8); }

void MakeAndEnd(const test::Implementation& implementation, void (*round)(const test::Implementation&), int rounds) {
  for (int i = 0; i < 10; ++i) round(implementation);  // allocates what is kept
  const int threads = test::Threads();
  const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
  for (int i = 0; i < rounds; ++i) round(implementation);
  const size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
  REQUIRE_EQ(test::Threads(), threads);
  if (after > before + kAllowedBytes)
    test::Fail(__FILE__, __LINE__,
               implementation.decoder + " left " + std::to_string(after - before) + " bytes behind in " +
                   std::to_string(rounds) + " rounds");
}

void MakeAndEnd(const std::string& codec) {
  for (const auto& implementation : test::ImplementationsOf(codec)) {
    MakeAndEnd(implementation, SmallRound, test::Count("SORA_TEST_ROUNDS", 1'000));
    MakeAndEnd(implementation, LargeRound, kLargeRounds);
  }
}

TEST(VP8_leaves_no_memory_and_no_thread_behind) { MakeAndEnd("VP8"); }
TEST(VP9_leaves_no_memory_and_no_thread_behind) { MakeAndEnd("VP9"); }
TEST(AV1_leaves_no_memory_and_no_thread_behind) { MakeAndEnd("AV1"); }
TEST(H264_leaves_no_memory_and_no_thread_behind) { MakeAndEnd("H264"); }

}  // namespace
