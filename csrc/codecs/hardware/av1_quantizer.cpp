#include "codecs/hardware/av1_quantizer.h"

#include <algorithm>

namespace sora {
namespace {

using Bits = webrtc::BitstreamReader;

constexpr int kObuSequenceHeader = 1, kObuFrameHeader = 3, kObuFrame = 6;
constexpr int kKeyFrame = 0, kIntraOnly = 2, kSwitch = 3;
constexpr int kEachFrame = 2;
constexpr int kNoReference = 7;

int Read(Bits& bits, int count) { return static_cast<int>(bits.ReadBits(count)); }
bool Flag(Bits& bits) { return bits.ReadBit() != 0; }

void SkipUvlc(Bits& bits) {
  int zeros = 0;
  while (bits.Ok() && zeros < 32 && !Flag(bits)) ++zeros;
  if (zeros < 32) bits.ConsumeBits(zeros);
}

// ns(n): a number below n, in as few bits as that takes.
int ReadBelow(Bits& bits, int n) {
  int w = 0;
  for (int x = n; x != 0; x >>= 1) ++w;
  const int m = (1 << w) - n;
  const int v = Read(bits, w - 1);
  return v < m ? v : (v << 1) - m + Read(bits, 1);
}

// tile_log2(): how often a is to be doubled for it to reach b.
int Log2(int a, int b) {
  int k = 0;
  while ((a << k) < b) ++k;
  return k;
}

}  // namespace

struct Av1Quantizer::Frame {
  int type;
  bool intra, resilient, own_size, screen_content, integer_mv;
};

std::optional<int> Av1Quantizer::Read(rtc::ArrayView<const uint8_t> unit) {
  while (unit.size() >= 2) {
    const int type = unit[0] >> 3 & 15;
    const bool extension = unit[0] & 4, has_size = unit[0] & 2;
    size_t at = extension ? 2 : 1;
    size_t size = unit.size() - std::min(at, unit.size());
    if (has_size) {
      size = 0;
      for (int shift = 0; shift < 35; shift += 7) {
        if (at >= unit.size()) return std::nullopt;
        const uint8_t byte = unit[at++];
        size |= size_t{byte & 127u} << shift;
        if (!(byte & 128)) break;
      }
    }
    if (at > unit.size() || size > unit.size() - at) return std::nullopt;
    Bits bits(unit.subview(at, size));
    if (type == kObuSequenceHeader) sequence_ = ReadSequence(bits);
    if (type == kObuFrameHeader || type == kObuFrame) return sequence_ ? ReadFrame(bits) : std::nullopt;
    unit = unit.subview(at + size);
  }
  return std::nullopt;
}

std::optional<Av1Quantizer::Sequence> Av1Quantizer::ReadSequence(Bits& bits) {
  Sequence s{};
  bits.ConsumeBits(4);  // the profile, and whether it is a still picture
  if (Flag(bits)) return std::nullopt;
  int delay_bits = 0;
  if (Flag(bits)) {
    bits.ConsumeBits(64);
    s.equal_interval = Flag(bits);
    if (s.equal_interval) SkipUvlc(bits);
    s.decoder_model = Flag(bits);
    if (s.decoder_model) {
      delay_bits = sora::Read(bits, 5) + 1;
      bits.ConsumeBits(32 + 5);
      s.time_bits = sora::Read(bits, 5) + 1;
    }
  }
  const bool display_delay = Flag(bits);
  const int points = sora::Read(bits, 5) + 1;
  for (int i = 0; i < points; ++i) {
    bits.ConsumeBits(12);
    if (sora::Read(bits, 5) > 7) bits.ConsumeBits(1);
    if (s.decoder_model && Flag(bits)) bits.ConsumeBits(2 * delay_bits + 1);
    if (display_delay && Flag(bits)) bits.ConsumeBits(4);
  }
  s.width_bits = sora::Read(bits, 4) + 1;
  s.height_bits = sora::Read(bits, 4) + 1;
  s.width = sora::Read(bits, s.width_bits) + 1;
  s.height = sora::Read(bits, s.height_bits) + 1;
  s.frame_ids = Flag(bits);
  if (s.frame_ids) {
    s.delta_frame_id_bits = sora::Read(bits, 4) + 2;
    s.frame_id_bits = sora::Read(bits, 3) + s.delta_frame_id_bits + 1;
  }
  s.large_blocks = Flag(bits);
  bits.ConsumeBits(2 + 4);  // tools within a block
  s.order_hints = Flag(bits);
  if (s.order_hints) {
    bits.ConsumeBits(1);
    s.ref_frame_mvs = Flag(bits);
  }
  s.screen_content = Flag(bits) ? kEachFrame : sora::Read(bits, 1);
  s.integer_mv = s.screen_content == 0 || Flag(bits) ? kEachFrame : sora::Read(bits, 1);
  if (s.order_hints) s.order_hint_bits = sora::Read(bits, 3) + 1;
  s.superres = Flag(bits);
  if (!bits.Ok()) return std::nullopt;
  return s;
}

std::optional<int> Av1Quantizer::ReadFrame(Bits& bits) const {
  const Sequence& s = *sequence_;
  if (Flag(bits)) return std::nullopt;  // shows an earlier frame
  Frame frame{};
  frame.type = sora::Read(bits, 2);
  frame.intra = frame.type == kKeyFrame || frame.type == kIntraOnly;
  const bool shown = Flag(bits);
  if (shown && s.decoder_model && !s.equal_interval) bits.ConsumeBits(s.time_bits);
  if (!shown) bits.ConsumeBits(1);
  const bool all = frame.type == kSwitch || (frame.type == kKeyFrame && shown);  // starts anew
  frame.resilient = all || Flag(bits);
  const bool keeps_cdf = Flag(bits);
  frame.screen_content = s.screen_content == kEachFrame ? Flag(bits) : s.screen_content != 0;
  if (frame.screen_content) frame.integer_mv = s.integer_mv == kEachFrame ? Flag(bits) : s.integer_mv != 0;
  if (s.frame_ids) bits.ConsumeBits(s.frame_id_bits);
  frame.own_size = frame.type == kSwitch || Flag(bits);
  bits.ConsumeBits(s.order_hint_bits);
  if (!frame.intra && !frame.resilient) bits.ConsumeBits(3);
  if (s.decoder_model && Flag(bits)) return std::nullopt;
  const int refreshed = all ? 255 : sora::Read(bits, 8);
  if ((!frame.intra || refreshed != 255) && frame.resilient && s.order_hints) bits.ConsumeBits(8 * s.order_hint_bits);
  if (frame.intra) {
    if (!SkipSize(bits, frame)) return std::nullopt;
    if (frame.screen_content) bits.ConsumeBits(1);
  } else if (!ReadReferences(bits, frame)) {
    return std::nullopt;
  }
  if (!keeps_cdf) bits.ConsumeBits(1);
  SkipTiles(bits);
  const int quantizer = sora::Read(bits, 8);
  return bits.Ok() ? std::optional(quantizer) : std::nullopt;
}

bool Av1Quantizer::ReadReferences(Bits& bits, const Frame& frame) const {
  const Sequence& s = *sequence_;
  const bool is_short = s.order_hints && Flag(bits);
  if (is_short) bits.ConsumeBits(6);
  for (int i = 0; i < kNoReference; ++i) {
    if (!is_short) bits.ConsumeBits(3);
    if (s.frame_ids) bits.ConsumeBits(s.delta_frame_id_bits);
  }
  if (!SkipSize(bits, frame)) return false;
  if (!frame.integer_mv) bits.ConsumeBits(1);
  if (!Flag(bits)) bits.ConsumeBits(2);  // the filter
  bits.ConsumeBits(1);
  if (!frame.resilient && s.ref_frame_mvs) bits.ConsumeBits(1);
  return true;
}

bool Av1Quantizer::SkipSize(Bits& bits, const Frame& frame) const {
  if (frame.own_size) return false;
  if (sequence_->superres && Flag(bits)) return false;
  if (Flag(bits)) bits.ConsumeBits(32);  // the size to render at
  return true;
}

void Av1Quantizer::SkipTiles(Bits& bits) const {
  const int shift = sequence_->large_blocks ? 7 : 6;  // of superblocks, in samples
  const auto blocks = [&](int size) { return (((size + 7) & ~7) + (1 << shift) - 1) >> shift; };
  const int columns = blocks(sequence_->width), rows = blocks(sequence_->height);
  const int most_width = 4096 >> shift;
  int most_area = 4096 * 2304 >> 2 * shift;
  const int least_columns = Log2(most_width, columns);
  const int least = std::max(least_columns, Log2(most_area, rows * columns));
  int columns_log2 = least_columns, rows_log2 = 0;
  if (Flag(bits)) {
    while (columns_log2 < Log2(1, std::min(columns, 64)) && Flag(bits)) ++columns_log2;
    rows_log2 = std::max(least - columns_log2, 0);
    while (rows_log2 < Log2(1, std::min(rows, 64)) && Flag(bits)) ++rows_log2;
  } else {
    int widest = 1, tiles = 0;
    for (int start = 0; start < columns && bits.Ok(); ++tiles) {
      const int width = ReadBelow(bits, std::min(columns - start, most_width)) + 1;
      widest = std::max(widest, width);
      start += width;
    }
    columns_log2 = Log2(1, tiles);
    most_area = least > 0 ? rows * columns >> (least + 1) : rows * columns;
    const int most_height = std::max(most_area / widest, 1);
    tiles = 0;
    for (int start = 0; start < rows && bits.Ok(); ++tiles)
      start += ReadBelow(bits, std::min(rows - start, most_height)) + 1;
    rows_log2 = Log2(1, tiles);
  }
  if (columns_log2 + rows_log2 > 0) bits.ConsumeBits(columns_log2 + rows_log2 + 2);
}

}  // namespace sora
