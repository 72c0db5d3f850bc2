// Sequence headers of AV1 that announce frames of gigabytes are refused, wherever in a temporal unit they are.
#include "codecs/internal/av1_sequence.h"

#include "../harness/bits.h"
#include "support.h"

namespace {

using Bytes = std::vector<uint8_t>;

// A unit of the bitstream (OBU): type and payload.
struct Unit {
  int type;
  Bytes payload;
};

constexpr int kSequenceHeader = 1, kFrame = 6;

// Reads the units of an encoder, which all have a size.
std::vector<Unit> UnitsOf(const webrtc::EncodedImage& image) {
  std::vector<Unit> units;
  for (size_t at = 0; at < image.size();) {
    const uint8_t header = image.data()[at++];
    REQUIRE((header & 2) != 0);
    if (header & 4) ++at;
    size_t size = 0, shift = 0;
    while (true) {
      const uint8_t byte = image.data()[at++];
      size |= static_cast<size_t>(byte & 0x7f) << shift;
      shift += 7;
      if (!(byte & 0x80)) break;
    }
    units.push_back({header >> 3 & 15, Bytes(image.data() + at, image.data() + at + size)});
    at += size;
  }
  return units;
}

Bytes Join(const std::vector<Unit>& units) {
  Bytes bytes;
  for (const Unit& unit : units) {
    bytes.push_back(static_cast<uint8_t>(unit.type << 3 | 2));
    size_t size = unit.payload.size();
    do {
      bytes.push_back(static_cast<uint8_t>((size & 0x7f) | (size > 0x7f ? 0x80 : 0)));
      size >>= 7;
    } while (size);
    bytes.insert(bytes.end(), unit.payload.begin(), unit.payload.end());
  }
  return bytes;
}

// The same sequence with frames of another size (5.5.1): the fields before the size are those of libaom in real time, without
// timing information and with one operating point.
Unit Resized(const Unit& sequence, uint32_t width, uint32_t height) {
  const Bytes& payload = sequence.payload;
  test::BitReader reader(payload);
  test::BitWriter writer;
  size_t done = 0;
  const auto read = [&](int bits) {
    done += static_cast<size_t>(bits);
    return reader.Bits(bits);
  };
  const auto copy = [&](int bits) {
    const uint32_t value = read(bits);
    writer.Bits(value, bits);
    return value;
  };
  copy(3);                   // seq_profile
  REQUIRE_EQ(copy(1), 0u);   // still_picture
  REQUIRE_EQ(copy(1), 0u);   // reduced_still_picture_header
  REQUIRE_EQ(copy(1), 0u);   // timing_info_present_flag
  REQUIRE_EQ(copy(1), 0u);   // initial_display_delay_present_flag
  REQUIRE_EQ(copy(5), 0u);   // operating_points_cnt_minus_1
  copy(12);                  // operating_point_idc
  if (copy(5) > 7) copy(1);  // seq_level_idx, seq_tier
  const int width_bits = static_cast<int>(read(4)) + 1, height_bits = static_cast<int>(read(4)) + 1;
  read(width_bits);
  read(height_bits);
  writer.Bits(15, 4);
  writer.Bits(15, 4);
  writer.Bits(width - 1, 16);
  writer.Bits(height - 1, 16);
  while (done < payload.size() * 8) copy(1);
  return {kSequenceHeader, writer.bytes()};
}

TEST(AV1_of_gigabytes_is_refused_before_any_memory_is_taken) {
  constexpr size_t kAllowedBytes = 256 * 1024 * 1024;
  test::Encoder encoder(test::ImplementationsOf("AV1").front(), 320, 240, 300);
  encoder.Next();
  Unit sequence{}, frame{};
  for (auto& unit : UnitsOf(encoder.encoded.images.at(0))) {
    if (unit.type == kSequenceHeader) sequence = unit;
    if (unit.type == kFrame) frame = unit;
  }
  REQUIRE(!sequence.payload.empty() && !frame.payload.empty());
  const Unit small = Resized(sequence, 320, 240), large = Resized(sequence, 65'536, 32'768);
  const Bytes whole = Join({small, frame}), first = Join({large, frame}), second = Join({small, large, frame});
  Bytes behind_padding = whole;
  behind_padding.insert(behind_padding.end(), 3, 0);
  behind_padding.insert(behind_padding.end(), first.begin(), first.end());

  for (const auto& implementation : test::ImplementationsOf("AV1")) {
    test::DecodedFrames decoded;
    const auto decoder = test::StartDecoder(implementation, decoded);
    // The reassembled unit decodes, so that it is the size that is refused.
    REQUIRE_EQ(decoder->Decode(test::KeyFrame(whole), 0), 0);
    REQUIRE_EQ(decoded.count, 1);
    REQUIRE(test::Psnr(*decoded.last, test::MovingFrame(320, 240, 0)) > 30);
    test::ForgetPeak();
    const size_t before = test::PeakBytes();
    for (const Bytes& bytes : {first, second}) REQUIRE(decoder->Decode(test::KeyFrame(bytes), 0) != 0);
    // libaom reads past the padding; dav1d does not and shows what came before.
    decoder->Decode(test::KeyFrame(behind_padding), 0);
    REQUIRE(test::PeakBytes() < before + kAllowedBytes);
    REQUIRE_EQ(decoder->Decode(test::KeyFrame(whole), 0), 0);
    REQUIRE_EQ(decoded.last->width(), 320);
  }
}

TEST(AV1_sequence_headers_are_found_in_any_temporal_unit) {
  test::Encoder encoder(test::ImplementationsOf("AV1").front(), 320, 240, 300);
  encoder.Next();
  const auto& image = encoder.encoded.images.at(0);
  REQUIRE(!sora::AnnouncesTooLargeFrames(image.data(), image.size()));
  REQUIRE(!sora::AnnouncesTooLargeFrames(nullptr, 0));
  for (const auto& unit : UnitsOf(image)) {
    if (unit.type != kSequenceHeader) continue;
    // 8192x4352 is the largest; a column more is too much.
    for (const uint32_t width : {8'192u, 8'193u}) {
      const Bytes bytes = Join({Resized(unit, width, 4'352)});
      REQUIRE_EQ(sora::AnnouncesTooLargeFrames(bytes.data(), bytes.size()), width > 8'192);
      // Cut anywhere, it is refused by libaom or here, and nothing is read past its end.
      for (size_t size = 0; size < bytes.size(); ++size) {
        const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        REQUIRE(!sora::AnnouncesTooLargeFrames(cut.data(), cut.size()));
      }
    }
  }
}

}  // namespace
