// libwebrtc's parser of H.265's sequence parameter sets (ITU-T H.265, 7.3.2.2), in place of that in its library, which reserves memory
// for whatever a peer announces: gigabytes, which end the process.
#include "common_video/h265/h265_sps_parser.h"

#include <array>

#include "codecs/h265_bits.h"
#include "common_video/h265/h265_common.h"

namespace webrtc {
namespace {

using sora::H265Bits;

// A.4: the longest side at level 7.2.
constexpr uint32_t kMaxSide = 33'776;
constexpr uint32_t kMaxSubLayersMinus1 = 6, kMaxPicturesMinus1 = 15, kMaxSets = 64, kMaxLongTerm = 32, kMaxDelta = 0x7fff;

void SkipProfile(H265Bits& bits) { bits.Skip(88); }
void SkipLevel(H265Bits& bits) { bits.Skip(8); }

// 7.3.3
void SkipProfileTierLevel(H265Bits& bits, uint32_t sub_layers_minus1) {
  SkipProfile(bits);
  SkipLevel(bits);
  std::array<bool, kMaxSubLayersMinus1> profiles{}, levels{};
  for (uint32_t i = 0; i < sub_layers_minus1; ++i) {
    profiles[i] = bits.Flag();
    levels[i] = bits.Flag();
  }
  if (sub_layers_minus1 > 0) bits.Skip(2 * (8 - sub_layers_minus1));
  for (uint32_t i = 0; i < sub_layers_minus1; ++i) {
    if (profiles[i]) SkipProfile(bits);
    if (levels[i]) SkipLevel(bits);
  }
}

// Pictures that a set refers to: how far each is from the one that refers, the nearest first, and whether that one itself uses it.
struct Reference {
  int32_t delta;
  bool used;
};

class References {
 public:
  // Those before it, or behind it.
  References(const std::vector<uint32_t>& deltas_minus1, const std::vector<uint32_t>& used, int32_t sign) {
    int32_t delta = 0;
    for (size_t i = 0; i < deltas_minus1.size() && i < used.size(); ++i) {
      delta += sign * (static_cast<int32_t>(deltas_minus1[i]) + 1);
      Add({delta, used[i] != 0});
    }
  }
  References() = default;

  size_t size() const { return size_; }
  const Reference& operator[](size_t index) const { return all_[index]; }
  // Whether there was room for it.
  bool Add(Reference reference) {
    if (size_ == all_.size()) return false;
    all_[size_++] = reference;
    return true;
  }

  // In the form that a set has them.
  void Write(uint32_t& count, std::vector<uint32_t>& deltas_minus1, std::vector<uint32_t>& used) const {
    count = static_cast<uint32_t>(size_);
    int32_t before = 0;
    for (size_t i = 0; i < size_; ++i) {
      const int32_t apart = all_[i].delta - before;
      deltas_minus1.push_back(static_cast<uint32_t>((apart < 0 ? -apart : apart) - 1));
      used.push_back(all_[i].used);
      before = all_[i].delta;
    }
  }

 private:
  std::array<Reference, kMaxPicturesMinus1 + 1> all_{};
  size_t size_ = 0;
};

// A set that is coded by its difference from an earlier one (7.4.8, equations 7-61 and 7-62).
bool ReadPredicted(H265Bits& bits, const H265SpsParser::ShortTermRefPicSet& from, H265SpsParser::ShortTermRefPicSet& set) {
  const bool negative = bits.Flag();
  const int32_t absolute = static_cast<int32_t>(bits.Unsigned(kMaxDelta)) + 1;
  const int32_t shift = negative ? -absolute : absolute;
  const References before(from.delta_poc_s0_minus1, from.used_by_curr_pic_s0_flag, -1);
  const References behind(from.delta_poc_s1_minus1, from.used_by_curr_pic_s1_flag, 1);
  const size_t count = before.size() + behind.size();
  set.inter_ref_pic_set_prediction_flag = 1;
  for (size_t i = 0; i <= count; ++i) {
    set.used_by_curr_pic_flag.push_back(bits.Flag());
    set.use_delta_flag.push_back(set.used_by_curr_pic_flag.back() || bits.Flag());
  }
  if (!bits.ok()) return false;
  References negatives, positives;
  bool fits = true;
  // Adds what is number `index` of the earlier set if it is still, or now, on that side.
  const auto add = [&](References& side, int32_t delta, size_t index) {
    if (set.use_delta_flag[index] && (&side == &negatives ? delta < 0 : delta > 0))
      fits = side.Add({delta, set.used_by_curr_pic_flag[index] != 0}) && fits;
  };
  for (size_t i = behind.size(); i-- > 0;) add(negatives, behind[i].delta + shift, before.size() + i);
  add(negatives, shift, count);
  for (size_t i = 0; i < before.size(); ++i) add(negatives, before[i].delta + shift, i);
  for (size_t i = before.size(); i-- > 0;) add(positives, before[i].delta + shift, i);
  add(positives, shift, count);
  for (size_t i = 0; i < behind.size(); ++i) add(positives, behind[i].delta + shift, before.size() + i);
  negatives.Write(set.num_negative_pics, set.delta_poc_s0_minus1, set.used_by_curr_pic_s0_flag);
  positives.Write(set.num_positive_pics, set.delta_poc_s1_minus1, set.used_by_curr_pic_s1_flag);
  return fits;
}

void ReadReferences(H265Bits& bits, uint32_t count, std::vector<uint32_t>& deltas_minus1, std::vector<uint32_t>& used) {
  for (uint32_t i = 0; i < count; ++i) {
    deltas_minus1.push_back(bits.Unsigned(kMaxDelta));
    used.push_back(bits.Flag());
  }
}

}  // namespace

H265SpsParser::SpsState::SpsState() = default;

H265SpsParser::ShortTermRefPicSet::ShortTermRefPicSet() = default;

absl::optional<H265SpsParser::SpsState> H265SpsParser::ParseSps(const uint8_t* data, size_t length) {
  const std::vector<uint8_t> payload = H265::ParseRbsp(data, length);
  rtc::BitBuffer buffer(payload.data(), payload.size());
  return ParseSpsInternal(&buffer);
}

// 7.3.4
bool H265SpsParser::ParseScalingListData(rtc::BitBuffer* buffer) {
  H265Bits bits(*buffer);
  for (int size = 0; size < 4; ++size) {
    for (int matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
      if (!bits.Flag()) {
        bits.Unsigned(5);
        continue;
      }
      if (size > 1) bits.Signed(-7, 247);
      for (int i = 0; i < (size == 0 ? 16 : 64); ++i) bits.Signed(-128, 127);
    }
  }
  return bits.ok();
}

// 7.3.7
absl::optional<H265SpsParser::ShortTermRefPicSet> H265SpsParser::ParseShortTermRefPicSet(
    uint32_t st_rps_idx, uint32_t num_short_term_ref_pic_sets, const std::vector<ShortTermRefPicSet>& ref_pic_sets,
    SpsState&, rtc::BitBuffer* buffer) {
  H265Bits bits(*buffer);
  ShortTermRefPicSet set;
  if (st_rps_idx > 0 && bits.Flag()) {
    const uint32_t back = st_rps_idx == num_short_term_ref_pic_sets ? bits.Unsigned(st_rps_idx - 1) + 1 : 1;
    if (!bits.ok() || st_rps_idx - back >= ref_pic_sets.size()) return absl::nullopt;
    if (!ReadPredicted(bits, ref_pic_sets[st_rps_idx - back], set)) return absl::nullopt;
  } else {
    set.num_negative_pics = bits.Unsigned(kMaxPicturesMinus1);
    set.num_positive_pics = bits.Unsigned(kMaxPicturesMinus1 - set.num_negative_pics);
    ReadReferences(bits, set.num_negative_pics, set.delta_poc_s0_minus1, set.used_by_curr_pic_s0_flag);
    ReadReferences(bits, set.num_positive_pics, set.delta_poc_s1_minus1, set.used_by_curr_pic_s1_flag);
  }
  return bits.ok() ? absl::make_optional(set) : absl::nullopt;
}

// 7.3.2.2.1, up to what nobody here reads
absl::optional<H265SpsParser::SpsState> H265SpsParser::ParseSpsInternal(rtc::BitBuffer* buffer) {
  H265Bits bits(*buffer);
  SpsState sps;
  sps.vps_id = bits.Fixed(4);
  const uint32_t sub_layers_minus1 = sps.sps_max_sub_layers_minus1 = bits.Fixed(3);
  if (sub_layers_minus1 > kMaxSubLayersMinus1) return absl::nullopt;
  bits.Skip(1);
  SkipProfileTierLevel(bits, sub_layers_minus1);
  sps.id = bits.Unsigned(15);
  sps.chroma_format_idc = bits.Unsigned(3);
  if (sps.chroma_format_idc == 3) sps.separate_colour_plane_flag = bits.Flag();
  sps.pic_width_in_luma_samples = bits.Unsigned(kMaxSide);
  sps.pic_height_in_luma_samples = bits.Unsigned(kMaxSide);
  uint32_t cut_width = 0, cut_height = 0;
  if (bits.Flag()) {
    // Of the planes for color, which may have fewer samples.
    const bool colors = sps.separate_colour_plane_flag == 0;
    const uint32_t across = colors && (sps.chroma_format_idc == 1 || sps.chroma_format_idc == 2) ? 2 : 1;
    const uint32_t down = colors && sps.chroma_format_idc == 1 ? 2 : 1;
    cut_width = across * (bits.Unsigned(kMaxSide) + bits.Unsigned(kMaxSide));
    cut_height = down * (bits.Unsigned(kMaxSide) + bits.Unsigned(kMaxSide));
  }
  for (int planes = 0; planes < 2; ++planes) bits.Unsigned(8);  // bit depths
  sps.log2_max_pic_order_cnt_lsb_minus4 = bits.Unsigned(12);
  sps.sps_max_dec_pic_buffering_minus1.resize(sub_layers_minus1 + 1);
  for (uint32_t i = bits.Flag() ? 0 : sub_layers_minus1; i <= sub_layers_minus1; ++i) {
    sps.sps_max_dec_pic_buffering_minus1[i] = bits.Unsigned(kMaxPicturesMinus1);
    bits.Unsigned(kMaxPicturesMinus1);
    bits.Unsigned(UINT32_MAX - 1);
  }
  sps.log2_min_luma_coding_block_size_minus3 = bits.Unsigned(3);
  sps.log2_diff_max_min_luma_coding_block_size = bits.Unsigned(3);
  for (int sizes = 0; sizes < 2; ++sizes) bits.Unsigned(3);     // of transform blocks
  for (int depths = 0; depths < 2; ++depths) bits.Unsigned(4);  // of their hierarchies
  if (bits.Flag() && bits.Flag() && !ParseScalingListData(buffer)) return absl::nullopt;
  bits.Skip(1);
  sps.sample_adaptive_offset_enabled_flag = bits.Flag();
  if (bits.Flag()) {  // PCM
    bits.Skip(8);
    for (int sizes = 0; sizes < 2; ++sizes) bits.Unsigned(3);
    bits.Skip(1);
  }
  sps.num_short_term_ref_pic_sets = bits.Unsigned(kMaxSets);
  for (uint32_t i = 0; i < sps.num_short_term_ref_pic_sets; ++i) {
    auto set = ParseShortTermRefPicSet(i, sps.num_short_term_ref_pic_sets, sps.short_term_ref_pic_set, sps, buffer);
    if (!set) return absl::nullopt;
    sps.short_term_ref_pic_set.push_back(std::move(*set));
  }
  sps.long_term_ref_pics_present_flag = bits.Flag();
  if (sps.long_term_ref_pics_present_flag) {
    sps.num_long_term_ref_pics_sps = bits.Unsigned(kMaxLongTerm);
    for (uint32_t i = 0; i < sps.num_long_term_ref_pics_sps; ++i) {
      bits.Skip(sps.log2_max_pic_order_cnt_lsb_minus4 + 4);
      sps.used_by_curr_pic_lt_sps_flag.push_back(bits.Flag());
    }
  }
  sps.sps_temporal_mvp_enabled_flag = bits.Flag();
  if (!bits.ok() || cut_width >= sps.pic_width_in_luma_samples || cut_height >= sps.pic_height_in_luma_samples)
    return absl::nullopt;
  sps.width = sps.pic_width_in_luma_samples - cut_width;
  sps.height = sps.pic_height_in_luma_samples - cut_height;
  return sps;
}

}  // namespace webrtc
