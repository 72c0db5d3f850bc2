// Broken bitstreams: frames of a clip cut, with bits flipped, and in the wrong order. A decoder may refuse them or show
// something; it may not crash, hang or stop decoding what is whole. SORA_TEST_BROKEN_FRAMES: how many per implementation.
#include <algorithm>

#include "support.h"

namespace {

constexpr int kWidth = 176, kHeight = 144;
// xorshift64: the same numbers on every machine.
class Random {
 public:
  uint64_t Next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  uint64_t state_ = 0x9e3779b97f4a7c15;
};

size_t Below(Random& random, size_t limit) { return static_cast<size_t>(random.Next() % limit); }

std::vector<webrtc::EncodedImage> Clip(const test::Implementation& implementation) {
  test::Encoder encoder(implementation, kWidth, kHeight, 300);
  for (int i = 0; i < 30; ++i) encoder.Next(i % 10 == 0);
  REQUIRE(encoder.encoded.images.size() >= 25u);
  return std::move(encoder.encoded.images);
}

webrtc::EncodedImage With(const webrtc::EncodedImage& image, const std::vector<uint8_t>& bytes) {
  webrtc::EncodedImage changed = image;
  changed.SetEncodedData(webrtc::EncodedImageBuffer::Create(bytes.data(), bytes.size()));
  return changed;
}

webrtc::EncodedImage Truncated(const webrtc::EncodedImage& image, Random& random) {
  return With(image, {image.data(), image.data() + Below(random, image.size())});
}

webrtc::EncodedImage Flipped(const webrtc::EncodedImage& image, Random& random) {
  std::vector<uint8_t> bytes(image.data(), image.data() + image.size());
  // The header of a frame is a small part of it, and the more dangerous one.
  const size_t end = Below(random, 2) ? bytes.size() : std::min<size_t>(bytes.size(), 24);
  for (size_t flips = 1 + Below(random, 16); flips > 0; --flips)
    bytes[Below(random, end)] ^= static_cast<uint8_t>(1u << Below(random, 8));
  return With(image, bytes);
}

// Parts of the frame in another order.
webrtc::EncodedImage Shuffled(const webrtc::EncodedImage& image, Random& random) {
  std::vector<uint8_t> bytes(image.data(), image.data() + image.size());
  const size_t a = Below(random, bytes.size()), b = Below(random, bytes.size());
  std::rotate(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(a, b)),
              bytes.begin() + static_cast<std::ptrdiff_t>(std::max(a, b)));
  return With(image, bytes);
}

void DecodeBroken(const std::string& codec) {
  const int frames = test::Count("SORA_TEST_BROKEN_FRAMES", 10'000);
  for (const auto& implementation : test::ImplementationsOf(codec)) {
    const auto clip = Clip(implementation);
    Random random;
    test::Pictures whole, decoded;
    REQUIRE_EQ(test::StartDecoder(implementation, whole)->Decode(clip[0], 0), 0);
    REQUIRE_EQ(whole.count, 1);
    std::unique_ptr<webrtc::VideoDecoder> decoder;
    for (int i = 0; i < frames; ++i) {
      // A new decoder now and then, so that broken frames meet fresh ones and those that have seen a lot.
      if (i % 100 == 0) decoder = test::StartDecoder(implementation, decoded);
      if (Below(random, 4) == 0) decoder->Decode(clip[0], 0);
      const auto& image = clip[Below(random, clip.size())];  // out of order, at that
      switch (i % 3) {
        case 0: decoder->Decode(Truncated(image, random), 0); break;
        case 1: decoder->Decode(Flipped(image, random), 0); break;
        default: decoder->Decode(Shuffled(image, random), 0); break;
      }
      if (i % 100 != 99) continue;
      // The same decoder shows what is whole again, as it is. dav1d and OpenH264 may need two key frames for it: what was cut
      // off waits for its rest.
      for (int tries = 0; tries < 3; ++tries) {
        decoded.count = 0;
        decoder->Decode(clip[0], 0);
        if (decoded.count > 0 && decoded.last->width() == kWidth && decoded.last->height() == kHeight &&
            test::Psnr(*decoded.last, *whole.last) == 100)
          break;
        REQUIRE(tries < 2);
      }
    }
  }
}

TEST(broken_VP8_harms_no_decoder) { DecodeBroken("VP8"); }
TEST(broken_VP9_harms_no_decoder) { DecodeBroken("VP9"); }
TEST(broken_AV1_harms_no_decoder) { DecodeBroken("AV1"); }
TEST(broken_H264_harms_no_decoder) { DecodeBroken("H264"); }

}  // namespace
