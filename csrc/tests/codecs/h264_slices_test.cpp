// OpenH264's slices: small enough to fit a packet each (packetization mode 0 of RFC 6184), or as many as threads.
#include <algorithm>

#include "common_video/h264/h264_common.h"
#include "media/base/media_constants.h"
#include "modules/video_coding/include/video_codec_interface.h"
#include "support.h"

namespace {

bool IsSlice(webrtc::H264::NaluType type) {
  return type == webrtc::H264::NaluType::kIdr || type == webrtc::H264::NaluType::kSlice;
}

struct Units {
  size_t slices = 0, largest = 0;  // their number, and bytes of the largest unit of any kind
};

Units UnitsOf(const webrtc::EncodedImage& image) {
  Units units;
  for (const auto& index : webrtc::H264::FindNaluIndices(image.data(), image.size())) {
    REQUIRE(index.payload_size > 0);
    units.slices += IsSlice(webrtc::H264::ParseNaluType(image.data()[index.payload_start_offset]));
    units.largest = std::max(units.largest, index.payload_size);
  }
  return units;
}

// Also keeps the codec-specific information.
class Described : public test::Encoded {
 public:
  Result OnEncodedImage(const webrtc::EncodedImage& image, const webrtc::CodecSpecificInfo* info) override {
    REQUIRE(info != nullptr);
    modes.push_back(info->codecSpecific.H264.packetization_mode);
    return Encoded::OnEncodedImage(image, info);
  }

  std::vector<webrtc::H264PacketizationMode> modes;
};

// Encodes some frames in a packetization mode and requires that they can be decoded.
void Encode(const test::Implementation& implementation, const std::string& mode, int width, int height, unsigned kbps,
            int cores, Described& encoded) {
  constexpr int kFrames = 10;
  std::unique_ptr<webrtc::VideoEncoder> encoder;
  for (const auto& format : implementation.engine->EncoderFormats())
    if (format.parameters.at(cricket::kH264FmtpPacketizationMode) == mode && !encoder)
      encoder = implementation.engine->CreateEncoder(format);
  REQUIRE(encoder != nullptr);
  const webrtc::VideoCodec codec = test::Codec("H264", width, height, kbps);
  REQUIRE_EQ(encoder->InitEncode(&codec, test::EncoderSettings(cores)), 0);
  REQUIRE_EQ(encoder->RegisterEncodeCompleteCallback(&encoded), 0);
  test::DecodedFrames decoded;
  const auto decoder = test::StartDecoder(implementation, decoded);
  for (int number = 0; number < kFrames; ++number) {
    const webrtc::VideoFrame source = test::MovingFrame(width, height, number);
    REQUIRE_EQ(encoder->Encode(source, nullptr), 0);
    REQUIRE_EQ(encoded.images.size(), static_cast<size_t>(number) + 1);
    REQUIRE_EQ(decoder->Decode(encoded.images.back(), 0), 0);
    REQUIRE_EQ(decoded.count, number + 1);
    REQUIRE(test::Psnr(*decoded.last, source) > 30);
  }
}

TEST(H264_in_mode_0_fits_every_unit_into_a_packet) {
  for (const auto& implementation : test::ImplementationsOf("H264")) {
    Described encoded;
    Encode(implementation, "0", 320, 240, 2'000, 2, encoded);
    size_t slices = 0;
    for (const auto& image : encoded.images) {
      const Units units = UnitsOf(image);
      REQUIRE(units.largest <= test::EncoderSettings().max_payload_size);
      slices = std::max(slices, units.slices);
    }
    REQUIRE(slices > 1);
    for (const auto mode : encoded.modes) REQUIRE(mode == webrtc::H264PacketizationMode::SingleNalUnit);
  }
}

TEST(H264_in_mode_1_has_as_many_slices_as_threads) {
  const struct {
    int width, height, cores;
    size_t slices;
  } cases[] = {{320, 240, 8, 1}, {1280, 720, 2, 1}, {1280, 720, 4, 2}, {1920, 1080, 6, 3}};
  for (const auto& implementation : test::ImplementationsOf("H264"))
    for (const auto& [width, height, cores, slices] : cases) {
      Described encoded;
      Encode(implementation, "1", width, height, 2'500, cores, encoded);
      for (const auto& image : encoded.images) REQUIRE_EQ(UnitsOf(image).slices, slices);
      for (const auto mode : encoded.modes) REQUIRE(mode == webrtc::H264PacketizationMode::NonInterleaved);
    }
}

}  // namespace
