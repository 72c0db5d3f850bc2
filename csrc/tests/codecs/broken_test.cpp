// Broken bitstreams: every frame of some clips cut, with flipped bits, and with its parts in another order. A decoder may refuse
// them or show something; it must not crash or hang, and the next intact key frame must decode as if nothing had happened.
// SORA_TEST_BROKEN_FRAMES: how many per implementation; SORA_TEST_BROKEN_SEED: the seed of the changes.
#include <algorithm>
#include <cstdio>

#include "modules/video_coding/include/video_error_codes.h"
#include "support.h"

namespace {

constexpr int kClipFrames = 24, kKeyFrameEvery = 8, kChanges = 3;
constexpr int kSizes[][2] = {{176, 144}, {98, 70}};  // the second is no multiple of any codec's blocks

// xorshift64: the same numbers on every machine.
class Random {
 public:
  explicit Random(int seed) : state_(0x9e3779b97f4a7c15 * static_cast<uint64_t>(seed)) {}
  uint64_t Next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  uint64_t state_;
};

size_t Below(Random& random, size_t limit) { return static_cast<size_t>(random.Next() % limit); }

struct Clip {
  int width, height;
  std::vector<webrtc::EncodedImage> images;
  std::vector<webrtc::VideoFrame> sources;  // what they were encoded from
};

bool IsKey(const webrtc::EncodedImage& image) { return image._frameType == webrtc::VideoFrameType::kVideoFrameKey; }

Clip MakeClip(const test::Implementation& implementation, int width, int height) {
  test::Encoder encoder(implementation, width, height, 300);
  for (int i = 0; i < kClipFrames; ++i) encoder.Next(i % kKeyFrameEvery == 0);
  REQUIRE_EQ(encoder.encoded.images.size(), kClipFrames);
  for (int i = 0; i < kClipFrames; ++i)
    REQUIRE_EQ(IsKey(encoder.encoded.images[static_cast<size_t>(i)]), i % kKeyFrameEvery == 0);
  Clip clip{width, height, std::move(encoder.encoded.images), {}};
  for (int i = 0; i < kClipFrames; ++i) clip.sources.push_back(test::MovingFrame(width, height, i));
  return clip;
}

using Bytes = std::vector<uint8_t>;

void Truncate(Bytes& bytes, Random& random) { bytes.resize(Below(random, bytes.size())); }

void Flip(Bytes& bytes, Random& random) {
  // The header of a frame is a small but the most dangerous part of it.
  const size_t end = Below(random, 2) ? bytes.size() : std::min<size_t>(bytes.size(), 24);
  for (size_t flips = 1 + Below(random, 16); flips > 0; --flips)
    bytes[Below(random, end)] ^= static_cast<uint8_t>(1u << Below(random, 8));
}

void Shuffle(Bytes& bytes, Random& random) {
  const size_t a = Below(random, bytes.size()), b = Below(random, bytes.size());
  std::rotate(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(a, b)),
              bytes.begin() + static_cast<std::ptrdiff_t>(std::max(a, b)));
}

// The frame with an effective change: bits can be flipped back, and swapping equal parts changes nothing.
webrtc::EncodedImage Broken(const webrtc::EncodedImage& image, int change, Random& random) {
  const Bytes whole(image.data(), image.data() + image.size());
  for (int tries = 0; tries < 1'000; ++tries) {
    Bytes bytes = whole;
    switch (change) {
      case 0: Truncate(bytes, random); break;
      case 1: Flip(bytes, random); break;
      default: Shuffle(bytes, random); break;
    }
    if (bytes == whole) continue;
    webrtc::EncodedImage broken = image;
    broken.SetEncodedData(webrtc::EncodedImageBuffer::Create(bytes.data(), bytes.size()));
    return broken;
  }
  test::Fail(__FILE__, __LINE__, "a frame of " + std::to_string(whole.size()) + " bytes cannot be changed");
}

// Decodes an intact key frame and compares the result with what was encoded.
void RequireClean(webrtc::VideoDecoder& decoder, test::DecodedFrames& decoded, const Clip& clip, int number,
                  const std::string& when) {
  decoded.count = 0;
  decoded.last.reset();
  const int result = decoder.Decode(clip.images[static_cast<size_t>(number)], 0);
  const auto fail = [&](const std::string& reason) { test::Fail(__FILE__, __LINE__, when + ": " + reason); };
  if (result != WEBRTC_VIDEO_CODEC_OK) fail("a whole key frame gave " + std::to_string(result));
  if (decoded.count != 1) fail("an intact key frame gave " + std::to_string(decoded.count) + " frames");
  const auto& shown = *decoded.last;
  if (shown.width() != clip.width || shown.height() != clip.height)
    fail(std::to_string(shown.width()) + "x" + std::to_string(shown.height()));
  const double psnr = test::Psnr(shown, clip.sources[static_cast<size_t>(number)]);
  if (psnr < 30) fail(std::to_string(psnr) + " dB");
}

void DecodeBroken(const std::string& codec) {
  const int frames = test::Count("SORA_TEST_BROKEN_FRAMES", 10'000), seed = test::Count("SORA_TEST_BROKEN_SEED", 1);
  std::printf("SORA_TEST_BROKEN_SEED=%d\n", seed);
  for (const auto& implementation : test::ImplementationsOf(codec)) {
    std::vector<Clip> clips;
    for (const auto& [width, height] : kSizes) clips.push_back(MakeClip(implementation, width, height));
    Random random(seed);
    test::DecodedFrames decoded;
    std::unique_ptr<webrtc::VideoDecoder> decoder;
    for (int i = 0; i < frames; ++i) {
      // A new decoder now and then, so that broken frames meet fresh and well-used ones.
      if (i % 100 == 0) decoder = test::StartDecoder(implementation, decoded);
      // Each change to each frame of each clip in turn, until there are enough.
      const int change = i % kChanges, frame = i / kChanges % kClipFrames;
      const Clip& clip = clips[static_cast<size_t>(i / kChanges / kClipFrames) % clips.size()];
      decoder->Decode(Broken(clip.images[static_cast<size_t>(frame)], change, random), 0);
      // Every other time the next frame is an intact key frame, of either clip; otherwise it is broken as well.
      if (Below(random, 2) == 0) continue;
      const Clip& next =
          clips[Below(random, 8) == 0 ? Below(random, clips.size()) : static_cast<size_t>(&clip - clips.data())];
      const int key = static_cast<int>(Below(random, kClipFrames / kKeyFrameEvery)) * kKeyFrameEvery;
      RequireClean(*decoder, decoded, next, key, implementation.decoder + " after " + std::to_string(i) + " broken frames");
    }
  }
}

TEST(broken_VP8_harms_no_decoder) { DecodeBroken("VP8"); }
TEST(broken_VP9_harms_no_decoder) { DecodeBroken("VP9"); }
TEST(broken_AV1_harms_no_decoder) { DecodeBroken("AV1"); }
TEST(broken_H264_harms_no_decoder) { DecodeBroken("H264"); }

// The frames that are left do not show what was lost: until a key frame comes, each is refused, which makes libwebrtc request one.
void WaitForKey(const std::string& codec) {
  for (const auto& implementation : test::ImplementationsOf(codec)) {
    const Clip clip = MakeClip(implementation, kSizes[0][0], kSizes[0][1]);
    test::DecodedFrames decoded;
    const auto decoder = test::StartDecoder(implementation, decoded);
    REQUIRE(decoder->Decode(clip.images[1], 0) != WEBRTC_VIDEO_CODEC_OK);
    for (int key = 0; key < kClipFrames; key += kKeyFrameEvery) {
      const auto at = static_cast<size_t>(key);
      RequireClean(*decoder, decoded, clip, key, implementation.decoder + " before");
      REQUIRE_EQ(decoder->Decode(clip.images[at + 1], 0), WEBRTC_VIDEO_CODEC_OK);
      webrtc::EncodedImage broken = clip.images[at + 2];
      broken.SetEncodedData(webrtc::EncodedImageBuffer::Create(broken.data(), 3));
      decoded.count = 0;
      REQUIRE(decoder->Decode(broken, 0) != WEBRTC_VIDEO_CODEC_OK);
      for (size_t i = 3; i < kKeyFrameEvery; ++i) REQUIRE(decoder->Decode(clip.images[at + i], 0) != WEBRTC_VIDEO_CODEC_OK);
      REQUIRE_EQ(decoded.count, 0);
    }
  }
}

TEST(VP8_waits_for_a_key_frame_after_a_broken_frame) { WaitForKey("VP8"); }
TEST(VP9_waits_for_a_key_frame_after_a_broken_frame) { WaitForKey("VP9"); }
TEST(AV1_waits_for_a_key_frame_after_a_broken_frame) { WaitForKey("AV1"); }
TEST(H264_waits_for_a_key_frame_after_a_broken_frame) { WaitForKey("H264"); }

}  // namespace
