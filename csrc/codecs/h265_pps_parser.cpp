// libwebrtc's parser of H.265's picture parameter sets (ITU-T H.265, 7.3.2.3), in place of that in its library, which takes any number
// for an id: what is kept by it would grow without end.
#include "common_video/h265/h265_pps_parser.h"

#include "codecs/h265_bits.h"
#include "common_video/h265/h265_common.h"
#include "common_video/h265/h265_sps_parser.h"

namespace webrtc {
namespace {

using sora::H265Bits;

constexpr uint32_t kMaxPps = 63, kMaxSps = 15;
// More than level 7.2 has (A.4).
constexpr uint32_t kMaxTilesMinus1 = 63;
// NAL units of pictures that decoding can begin with (7.4.2.2): BLA_W_LP to RSV_IRAP_VCL23.
constexpr uint8_t kFirstIrap = 16, kLastIrap = 23;

}  // namespace

absl::optional<H265PpsParser::PpsState> H265PpsParser::ParsePps(const uint8_t* data, size_t length) {
  const std::vector<uint8_t> payload = H265::ParseRbsp(data, length);
  rtc::BitBuffer buffer(payload.data(), payload.size());
  return ParseInternal(&buffer);
}

bool H265PpsParser::ParsePpsIds(const uint8_t* data, size_t length, uint32_t* pps_id, uint32_t* sps_id) {
  const std::vector<uint8_t> payload = H265::ParseRbsp(data, length);
  rtc::BitBuffer buffer(payload.data(), payload.size());
  return ParsePpsIdsInternal(&buffer, pps_id, sps_id);
}

bool H265PpsParser::ParsePpsIdsInternal(rtc::BitBuffer* buffer, uint32_t* pps_id, uint32_t* sps_id) {
  H265Bits bits(*buffer);
  *pps_id = bits.Unsigned(kMaxPps);
  *sps_id = bits.Unsigned(kMaxSps);
  return bits.ok();
}

// 7.3.6.1: what comes first is too little to have a byte that prevents a start code.
absl::optional<uint32_t> H265PpsParser::ParsePpsIdFromSliceSegmentLayerRbsp(const uint8_t* data, size_t length,
                                                                            uint8_t nalu_type) {
  rtc::BitBuffer buffer(data, length);
  H265Bits bits(buffer);
  bits.Skip(nalu_type >= kFirstIrap && nalu_type <= kLastIrap ? 2 : 1);
  const uint32_t id = bits.Unsigned(kMaxPps);
  return bits.ok() ? absl::make_optional(id) : absl::nullopt;
}

absl::optional<H265PpsParser::PpsState> H265PpsParser::ParseInternal(rtc::BitBuffer* buffer) {
  H265Bits bits(*buffer);
  PpsState pps;
  pps.id = bits.Unsigned(kMaxPps);
  pps.sps_id = bits.Unsigned(kMaxSps);
  pps.dependent_slice_segments_enabled_flag = bits.Flag();
  pps.output_flag_present_flag = bits.Flag();
  pps.num_extra_slice_header_bits = bits.Fixed(3);
  bits.Skip(1);
  pps.cabac_init_present_flag = bits.Flag();
  pps.num_ref_idx_l0_default_active_minus1 = bits.Unsigned(14);
  pps.num_ref_idx_l1_default_active_minus1 = bits.Unsigned(14);
  pps.pic_init_qp_minus26 = bits.Signed(-74, 25);  // with 16 bits a sample
  bits.Skip(2);
  if (bits.Flag()) bits.Unsigned(3);                                // quantizers of coding units
  for (int planes = 0; planes < 2; ++planes) bits.Signed(-12, 12);  // offsets for color
  bits.Skip(1);
  pps.weighted_pred_flag = bits.Flag();
  pps.weighted_bipred_flag = bits.Flag();
  bits.Skip(1);
  const bool tiles = bits.Flag();
  bits.Skip(1);
  if (tiles) {
    const uint32_t columns_minus1 = bits.Unsigned(kMaxTilesMinus1), rows_minus1 = bits.Unsigned(kMaxTilesMinus1);
    if (!bits.Flag())
      for (uint32_t i = 0; i < columns_minus1 + rows_minus1; ++i) bits.Unsigned(UINT16_MAX);
    bits.Skip(1);
  }
  bits.Skip(1);
  if (bits.Flag()) {  // deblocking
    bits.Skip(1);
    if (!bits.Flag())
      for (int offsets = 0; offsets < 2; ++offsets) bits.Signed(-6, 6);
  }
  if (bits.Flag() && !H265SpsParser::ParseScalingListData(buffer)) return absl::nullopt;
  pps.lists_modification_present_flag = bits.Flag();
  bits.Unsigned(4);
  bits.Skip(1);
  return bits.ok() ? absl::make_optional(pps) : absl::nullopt;
}

}  // namespace webrtc
