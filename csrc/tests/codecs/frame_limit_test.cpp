// Frames of VP8 and VP9 that announce too large sizes are refused before memory is allocated for them.
#include "codecs/frame_limit.h"

#include "../harness/bits.h"
#include "modules/video_coding/include/video_error_codes.h"
#include "support.h"

namespace {

using Bytes = std::vector<uint8_t>;

constexpr int kWidth = 640, kHeight = 480;
constexpr size_t kAllowedBytes = 16 * 1024 * 1024;

// What libvpx allocates before it requests the memory of a frame: tables of its blocks of 8x8.
size_t TableBytes(size_t width, size_t height) { return width * height / 64 * 112; }

webrtc::EncodedImage DeltaFrame(const Bytes& bytes) {
  auto image = test::KeyFrame(bytes);
  image._frameType = webrtc::VideoFrameType::kVideoFrameDelta;
  return image;
}

// The first frames of a clip, the first of which is a key frame.
std::vector<Bytes> Frames(const std::string& codec, int count) {
  test::Encoder encoder(test::ImplementationsOf(codec).front(), kWidth, kHeight, 800);
  std::vector<Bytes> frames;
  for (int i = 0; i < count; ++i) encoder.Next();
  for (const auto& image : encoder.encoded.images) frames.emplace_back(image.data(), image.data() + image.size());
  REQUIRE_EQ(frames.size(), static_cast<size_t>(count));
  return frames;
}

// A decoder, and whether it shows what it is given.
struct Decoder {
  explicit Decoder(const std::string& codec)
      : decoder(test::StartDecoder(test::ImplementationsOf(codec).front(), decoded)) {}

  // Decodes an intact frame and compares the result with what was encoded.
  void RequireShown(const webrtc::EncodedImage& image, int number) {
    decoded.count = 0;
    REQUIRE_EQ(decoder->Decode(image, 0), WEBRTC_VIDEO_CODEC_OK);
    REQUIRE_EQ(decoded.count, 1);
    REQUIRE(test::Psnr(*decoded.last, test::MovingFrame(kWidth, kHeight, number)) > 30);
  }

  // Decodes a frame that is too large.
  void RequireRefused(const webrtc::EncodedImage& image, size_t allowed_bytes = kAllowedBytes) {
    decoded.count = 0;
    test::ForgetPeak();
    const size_t before = test::PeakBytes();
    REQUIRE(decoder->Decode(image, 0) != WEBRTC_VIDEO_CODEC_OK);
    REQUIRE(test::PeakBytes() < before + allowed_bytes);
    REQUIRE_EQ(decoded.count, 0);
  }

  test::DecodedFrames decoded;
  std::unique_ptr<webrtc::VideoDecoder> decoder;
};

// RFC 6386, 9.1: width and height are the last four bytes of a key frame's header of ten.
Bytes ResizedVp8(Bytes key, uint32_t width, uint32_t height) {
  for (size_t i = 0; i < 2; ++i) {
    key.at(6 + i) = static_cast<uint8_t>(width >> 8 * i);
    key.at(8 + i) = static_cast<uint8_t>(height >> 8 * i);
  }
  return key;
}

TEST(VP8_of_gigabytes_is_refused_before_any_memory_is_taken) {
  const auto frames = Frames("VP8", 2);
  Decoder decoder("VP8");
  decoder.RequireShown(test::KeyFrame(ResizedVp8(frames[0], kWidth, kHeight)), 0);
  // With the two bits of scaling set, too, which are not part of the size.
  for (const uint32_t size : {16'383u, 0xffffu}) decoder.RequireRefused(test::KeyFrame(ResizedVp8(frames[0], size, size)));
  decoder.RequireRefused(test::KeyFrame(ResizedVp8(frames[0], 8'193, 4'352)));
  // The frames that follow refer to the refused one.
  decoder.RequireRefused(DeltaFrame(frames[1]));
  decoder.RequireShown(test::KeyFrame(frames[0]), 0);
  decoder.RequireShown(DeltaFrame(frames[1]), 1);
}

// A key frame with another size (VP9 Bitstream & Decoding Process Specification, 6.2): it follows marker and flags (8 bits),
// the start code (24) and, in profile 0, color_space and color_range (4).
Bytes ResizedVp9(const Bytes& key, uint32_t width, uint32_t height) {
  constexpr int kSizeAt = 36;
  test::BitReader reader(key);
  test::BitWriter writer;
  for (int i = 0; i < kSizeAt; ++i) writer.Bits(reader.Bits(1), 1);
  reader.Bits(32);
  writer.Bits(width - 1, 16);
  writer.Bits(height - 1, 16);
  for (size_t i = kSizeAt + 32; i < key.size() * 8; ++i) writer.Bits(reader.Bits(1), 1);
  return writer.bytes();
}

// A frame that is predicted and has the size of its first reference, with the size written out instead, and the bits of its header
// without the size.
struct WithOwnSize {
  explicit WithOwnSize(const Bytes& predicted) : frame(predicted) {
    REQUIRE_EQ(frame[0] & 0xfe, 0x86);  // profile 0, predicted, shown
    // After marker and flags, reset_frame_context, refresh_frame_flags and three references.
    size_at = 8 + (frame[0] & 1 ? 0 : 2) + 8 + 12;
  }

  Bytes Write(uint32_t width, uint32_t height, size_t header_bits) const {
    test::BitReader reader(frame);
    test::BitWriter writer;
    for (size_t i = 0; i < size_at; ++i) writer.Bits(reader.Bits(1), 1);
    REQUIRE_EQ(reader.Bits(1), 1u);  // found_ref
    writer.Bits(0, 3);               // in none of the three
    writer.Bits(width - 1, 16);
    writer.Bits(height - 1, 16);
    for (size_t i = size_at + 1; i < header_bits; ++i) writer.Bits(reader.Bits(1), 1);
    Bytes bytes = writer.bytes();
    bytes.insert(bytes.end(), frame.begin() + static_cast<std::ptrdiff_t>((header_bits + 7) / 8), frame.end());
    return bytes;
  }

  Bytes frame;
  size_t size_at;
};

TEST(VP9_of_gigabytes_is_refused_before_any_memory_is_taken) {
  const auto frames = Frames("VP9", 1);
  Decoder decoder("VP9");
  decoder.RequireShown(test::KeyFrame(ResizedVp9(frames[0], kWidth, kHeight)), 0);
  for (const uint32_t size : {16'384u, 65'536u}) decoder.RequireRefused(test::KeyFrame(ResizedVp9(frames[0], size, size)));
  decoder.RequireRefused(test::KeyFrame(ResizedVp9(frames[0], 8'193, 4'352)));
  decoder.RequireShown(test::KeyFrame(frames[0]), 0);
}

TEST(VP9_that_grows_to_gigabytes_between_key_frames_is_refused) {
  const auto frames = Frames("VP9", 2);
  Decoder decoder("VP9");
  const WithOwnSize resized(frames[1]);
  // The length of the header is not coded: one fits.
  size_t header_bits = resized.size_at + 1;
  do {
    decoder.RequireShown(test::KeyFrame(frames[0]), 0);
  } while (decoder.decoder->Decode(DeltaFrame(resized.Write(kWidth, kHeight, header_bits)), 0) != WEBRTC_VIDEO_CODEC_OK &&
           ++header_bits < 512);
  // Reassembled with its own size it decodes, so that it is the size that is refused.
  REQUIRE(test::Psnr(*decoder.decoded.last, test::MovingFrame(kWidth, kHeight, 1)) > 30);
  decoder.RequireShown(test::KeyFrame(frames[0]), 0);
  decoder.RequireRefused(DeltaFrame(resized.Write(16 * kWidth, 16 * kHeight, header_bits)),
                         TableBytes(16 * kWidth, 16 * kHeight));
  decoder.RequireShown(test::KeyFrame(frames[0]), 0);
  decoder.RequireShown(DeltaFrame(frames[1]), 1);
}

TEST(VP9_of_gigabytes_behind_another_frame_is_refused) {
  const auto frames = Frames("VP9", 2);
  Decoder decoder("VP9");
  // libvpx decodes concatenated frames and shows the last: this is how spatial layers come.
  Bytes both = frames[0];
  both.insert(both.end(), frames[1].begin(), frames[1].end());
  decoder.RequireShown(test::KeyFrame(both), 1);
  const Bytes large = ResizedVp9(frames[0], 16'384, 16'384);
  both = frames[0];
  both.insert(both.end(), large.begin(), large.end());
  decoder.RequireRefused(test::KeyFrame(both), TableBytes(16'384, 16'384));
  decoder.RequireShown(test::KeyFrame(frames[0]), 0);
}

// The content of these frames is that of smaller ones, so they may be shown or not: memory use shows that the decoder has begun.
TEST(VP8_and_VP9_of_the_largest_size_are_decoded) {
  for (const std::string& codec : {"VP8", "VP9"}) {
    const Bytes small = Frames(codec, 1)[0];
    Decoder decoder(codec);
    test::ForgetPeak();
    const size_t before = test::PeakBytes();
    decoder.decoder->Decode(
        test::KeyFrame(codec == "VP8" ? ResizedVp8(small, 8'192, 4'352) : ResizedVp9(small, 8'192, 4'352)), 0);
    REQUIRE(test::PeakBytes() > before + sora::kMaxPixels);
  }
}

TEST(VP9_of_ten_bits_is_shown) {
  auto implementation = test::ImplementationsOf("VP9").front();
  implementation.profile = "2";
  test::Encoder encoder(implementation, kWidth, kHeight, 800);
  test::DecodedFrames decoded;
  const auto decoder = test::StartDecoder(implementation, decoded);
  for (int i = 0; i < 3; ++i) {
    encoder.Next();
    REQUIRE_EQ(decoder->Decode(encoder.encoded.images.at(static_cast<size_t>(i)), 0), WEBRTC_VIDEO_CODEC_OK);
    REQUIRE_EQ(decoded.count, i + 1);
    REQUIRE(decoded.last->video_frame_buffer()->type() == webrtc::VideoFrameBuffer::Type::kI010);
    REQUIRE(test::Psnr(*decoded.last, test::MovingFrame(kWidth, kHeight, i)) > 30);
  }
}

}  // namespace
