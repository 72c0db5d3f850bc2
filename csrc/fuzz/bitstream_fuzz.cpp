// Coded frames as those parts see them that look into them: sizes, layers and quantizers.
#include "api/video/encoded_image.h"
#include "codecs/hardware/quantizer.h"
#include "codecs/hardware/temporal_id.h"
#include "codecs/internal/av1_sequence.h"
#include "fuzz/fuzz.h"

namespace {

using fuzz::Bytes;

constexpr webrtc::VideoCodecType kCodecs[] = {webrtc::kVideoCodecVP8, webrtc::kVideoCodecVP9, webrtc::kVideoCodecAV1,
                                              webrtc::kVideoCodecH264, webrtc::kVideoCodecH265};

// Frames of H.265 whose second unit begins about where the reading of the first one's header ends.
Bytes CutSlices() {
  Bytes seed = {4};
  for (uint8_t length = 245; length < 255; ++length) {
    Bytes frame = {0, 0, 1, 0x26, 1, 0xac};
    frame.resize(size_t{4} + length, 0xff);
    frame.insert(frame.end(), {0, 0, 1, 0x28, 1, 0xac});
    fuzz::AppendSized(seed, frame);
  }
  return seed;
}

// A codec, then frames with two bytes of length before each.
std::vector<Bytes> bitstream_seeds() {
  return {
      CutSlices(),
      // AV1: a temporal delimiter and a sequence header, of libaom's at 64 x 64, and a frame behind them
      {2, 0, 20, 0x12, 0, 0x0a, 0x0b, 0, 0, 0, 0x04, 0x3c, 0xff, 0xbd, 0xff, 0xf8, 0x04, 0x10, 0x32, 2, 0x10, 0x80},
      {2, 0, 4, 0x36, 0x28, 1, 0x10, 0, 3, 0x0a, 1, 0},
      // H.264: a prefix and a slice; parameters before it
      {3, 0, 13, 0, 0, 0, 1, 0x6e, 0x80, 0x80, 0x17, 0, 0, 1, 0x41, 0x9a},
      {3, 0, 24,   0,    0,    1,    0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0,
       0, 1, 0x68, 0xce, 0x3c, 0x80, 0,    0,    1,    0x65, 0xb8, 0,    4},
      {4, 0, 10, 0, 0, 1, 0x26, 1, 0xac, 0x1d, 0x80, 0, 1},
      {0, 0, 10, 0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 64, 0},
      {1, 0, 6, 0x82, 0x49, 0x83, 0x42, 0, 0x3f},
  };
}

}  // namespace

FUZZ_TARGET(bitstream, 20'000, 3000) {
  fuzz::Script script(input);
  const webrtc::VideoCodecType codec = kCodecs[script.Byte() % std::size(kCodecs)];
  sora::Quantizer quantizer;
  while (!script.done()) {
    const auto taken = script.Take(script.Number(2) % 512);
    // A copy of its own size, so that AddressSanitizer sees a read behind its end.
    const Bytes frame(taken.begin(), taken.end());
    fuzz::Reached(sora::AnnouncesTooLargeFrames(frame.data(), frame.size()));
    const int layer = sora::TemporalIdOf(codec, frame);
    FUZZ_REQUIRE(layer >= -1 && layer <= 7);
    webrtc::EncodedImage image;
    image.SetEncodedData(webrtc::EncodedImageBuffer::Create(frame.data(), frame.size()));
    const int value = quantizer.Read(codec, image);
    FUZZ_REQUIRE(value >= -1 && value <= 255);
    fuzz::Reached(static_cast<uint32_t>(1000 + value));
  }
}
