// libwebrtc's parsers of H.265's parameter sets, which csrc has in place of its library's.
#include <optional>

#include "../harness/bits.h"
#include "common_video/h265/h265_pps_parser.h"
#include "common_video/h265/h265_sps_parser.h"
#include "modules/rtp_rtcp/source/video_rtp_depacketizer_h265.h"
#include "support.h"

namespace {

using webrtc::H265PpsParser;
using webrtc::H265SpsParser;

constexpr uint32_t kHuge = 0x7fff'fffe;

struct Sps {
  uint32_t id = 0, width = 1920, height = 1088, cut = 4, bits = 4, sets = 0, long_term = 0;
  // What is written in place of the sets.
  void (*write)(test::BitWriter& bits) = nullptr;
};

std::vector<uint8_t> Written(const Sps& sps) {
  test::BitWriter bits;
  bits.Bits(0, 4);  // VPS
  bits.Bits(0, 3);
  bits.Bits(1, 1);
  // Main profile, level 4, without two zeros in a row.
  for (const uint8_t byte : {1, 0x60, 1, 1, 1, 0x90, 1, 1, 1, 1, 1, 120}) bits.Byte(byte);
  bits.Unsigned(sps.id);
  bits.Unsigned(1);
  bits.Unsigned(sps.width);
  bits.Unsigned(sps.height);
  bits.Bits(1, 1);
  for (const uint32_t cut : {0u, 0u, 0u, sps.cut}) bits.Unsigned(cut);
  for (int depth = 0; depth < 2; ++depth) bits.Unsigned(0);
  bits.Unsigned(sps.bits);
  bits.Bits(1, 1);
  for (const uint32_t count : {4u, 0u, 0u}) bits.Unsigned(count);
  for (const uint32_t size : {0u, 3u, 0u, 3u, 0u, 0u}) bits.Unsigned(size);
  bits.Bits(0b0110, 4);  // no lists; amp; sample-adaptive offset; no PCM
  bits.Unsigned(sps.sets);
  if (sps.write) sps.write(bits);
  bits.Bits(sps.long_term > 0, 1);
  if (sps.long_term > 0) bits.Unsigned(sps.long_term);
  bits.Bits(1, 1);
  bits.Align();
  return bits.bytes();
}

auto Parsed(const Sps& sps) {
  const auto bytes = Written(sps);
  return H265SpsParser::ParseSps(bytes.data(), bytes.size());
}

void WriteSets(test::BitWriter& bits) {
  // -1, -3; 2
  for (const uint32_t count : {2u, 1u}) bits.Unsigned(count);
  for (const uint32_t apart : {0u, 1u, 1u}) {
    bits.Unsigned(apart);
    bits.Bits(apart == 0, 1);
  }
  // Moved by -2: -3, -5; 0, which is the picture itself; and the first one, -2, which it did not have.
  bits.Bits(0b11, 2);
  bits.Unsigned(1);
  bits.Bits(0b1, 1);
  bits.Bits(0b00, 2);
  bits.Bits(0b01, 2);
  bits.Bits(0b1, 1);
}

}  // namespace

TEST(parameters_of_h265_have_their_values) {
  const auto sps = Parsed({.id = 3});
  REQUIRE(sps.has_value());
  REQUIRE_EQ(sps->id, 3u);
  REQUIRE_EQ(sps->width, 1920u);
  REQUIRE_EQ(sps->height, 1080u);
  REQUIRE_EQ(sps->pic_height_in_luma_samples, 1088u);
  REQUIRE_EQ(sps->log2_max_pic_order_cnt_lsb_minus4, 4u);
  REQUIRE_EQ(sps->sample_adaptive_offset_enabled_flag, 1u);
  REQUIRE_EQ(sps->sps_temporal_mvp_enabled_flag, 1u);
  REQUIRE_EQ(sps->sps_max_dec_pic_buffering_minus1.at(0), 4u);
}

TEST(numbers_in_h265_that_no_stream_has_are_refused) {
  for (const Sps& sps : {Sps{.id = 16}, Sps{.width = 40'000}, Sps{.cut = 544}, Sps{.cut = kHuge}, Sps{.bits = 13},
                         Sps{.sets = 65}, Sps{.sets = kHuge}, Sps{.long_term = 33}, Sps{.long_term = kHuge},
                         Sps{.sets = 1, .write = [](test::BitWriter& bits) { bits.Unsigned(kHuge); }},
                         Sps{.sets = 1, .write = [](test::BitWriter& bits) { bits.Bits(0b1, 1), bits.Unsigned(kHuge); }}})
    REQUIRE(!Parsed(sps).has_value());
  const auto whole = Written({});
  for (size_t length = 0; length + 3 < whole.size(); ++length)
    REQUIRE(!H265SpsParser::ParseSps(whole.data(), length).has_value());
}

TEST(sets_of_pictures_in_h265_are_predicted) {
  const auto sps = Parsed({.sets = 2, .write = WriteSets});
  REQUIRE(sps.has_value());
  REQUIRE_EQ(sps->short_term_ref_pic_set.size(), 2u);
  const auto& set = sps->short_term_ref_pic_set[1];
  // -2, -3; what was -3 is not used any more, nor is what was 2
  REQUIRE_EQ(set.num_negative_pics, 2u);
  REQUIRE_EQ(set.num_positive_pics, 0u);
  REQUIRE(set.delta_poc_s0_minus1 == (std::vector<uint32_t>{1, 0}));
  REQUIRE(set.used_by_curr_pic_s0_flag == (std::vector<uint32_t>{1, 1}));
}

TEST(ids_of_h265_are_those_that_there_are) {
  const auto ids = [](uint32_t pps, uint32_t sps) {
    test::BitWriter bits;
    bits.Unsigned(pps);
    bits.Unsigned(sps);
    bits.Align();
    uint32_t read[2];
    return H265PpsParser::ParsePpsIds(bits.bytes().data(), bits.bytes().size(), &read[0], &read[1]) && read[0] == pps &&
           read[1] == sps;
  };
  REQUIRE(ids(63, 15));
  REQUIRE(!ids(64, 0));
  REQUIRE(!ids(0, 16));
  const auto slice = [](uint8_t type, uint32_t pps) {
    test::BitWriter bits;
    bits.Bits(1, type >= 16 && type <= 23 ? 2 : 1);
    bits.Unsigned(pps);
    bits.Align();
    return H265PpsParser::ParsePpsIdFromSliceSegmentLayerRbsp(bits.bytes().data(), bits.bytes().size(), type).value_or(99);
  };
  REQUIRE_EQ(slice(19, 5), 5u);
  REQUIRE_EQ(slice(1, 63), 63u);
  REQUIRE_EQ(slice(1, 64), 99u);
}

TEST(a_packet_of_h265_that_announces_too_much_is_survived) {
  webrtc::VideoRtpDepacketizerH265 depacketizer;
  for (const Sps& sps : {Sps{}, Sps{.sets = kHuge}, Sps{.long_term = kHuge}}) {
    std::vector<uint8_t> packet = {0x42, 1};
    const auto bytes = Written(sps);
    packet.insert(packet.end(), bytes.begin(), bytes.end());
    const auto parsed = depacketizer.Parse(rtc::CopyOnWriteBuffer(packet.data(), packet.size()));
    if (sps.sets == 0 && sps.long_term == 0) REQUIRE_EQ(parsed.value().video_header.height, 1080);
  }
}
