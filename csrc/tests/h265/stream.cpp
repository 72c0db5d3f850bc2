#include "tests/h265/stream.h"

#include <algorithm>

#include "../harness/bits.h"
#include "common_video/h265/h265_common.h"
#include "common_video/h265/h265_pps_parser.h"
#include "common_video/h265/h265_sps_parser.h"
#include "common_video/h265/h265_vps_parser.h"

namespace h265_test {
namespace {

using test::BitReader;
using test::BitWriter;
using webrtc::H265::NaluType;

constexpr int kInitQp = 26;
constexpr int kPictureOrderBits = 8;
// Each of these deltas holds the whole picture, so that delta frames are fragmented as well.
constexpr uint32_t kWholeEvery = 10;
constexpr uint32_t kMark = 0x48323635;  // "H265"
constexpr uint8_t kWhole = 1, kChanged = 2;

// Appends a NAL unit after a start code, with its emulation prevention bytes.
void Append(std::vector<uint8_t>& stream, NaluType type, const std::vector<uint8_t>& rbsp) {
  for (const int byte : {0, 0, 0, 1, type << 1, 1}) stream.push_back(static_cast<uint8_t>(byte));
  int zeros = 0;
  for (const uint8_t byte : rbsp) {
    if (zeros == 2 && byte <= 3) {
      stream.push_back(3);
      zeros = 0;
    }
    stream.push_back(byte);
    zeros = byte == 0 ? zeros + 1 : 0;
  }
}

// profile_tier_level(1, 0): main profile, main tier.
void ProfileTierLevel(BitWriter& to, int level_id) {
  to.Bits(1, 8);
  to.Bits(0x60000000, 32);  // compatible with main and main 10
  to.Bits(0b1001, 4);       // progressive, frames only
  to.Bits(0, 32);
  to.Bits(0, 12);
  to.Bits(static_cast<uint32_t>(level_id), 8);
}

// One picture is kept to refer to, none is reordered.
void Ordering(BitWriter& to) {
  to.Bits(1, 1);
  for (const uint32_t value : {1, 0, 0}) to.Unsigned(value);
}

std::vector<uint8_t> VideoParameterSet(int level_id) {
  BitWriter to;
  to.Bits(0, 4);
  to.Bits(0b11, 2);  // the base layer is here
  to.Bits(0, 6 + 3);
  to.Bits(1, 1);
  to.Bits(0xffff, 16);
  ProfileTierLevel(to, level_id);
  Ordering(to);
  to.Bits(0, 6);
  to.Unsigned(0);
  to.Bits(0, 2);  // no timing, no extension
  to.Align();
  return to.bytes();
}

std::vector<uint8_t> SequenceParameterSet(const Picture& picture, int level_id) {
  BitWriter to;
  to.Bits(0, 4 + 3);
  to.Bits(1, 1);
  ProfileTierLevel(to, level_id);
  to.Unsigned(0);
  to.Unsigned(1);  // 4:2:0
  const int width = picture.Columns() * 8, height = picture.Rows() * 8;
  to.Unsigned(static_cast<uint32_t>(width));
  to.Unsigned(static_cast<uint32_t>(height));
  const bool cut = width != picture.width || height != picture.height;
  to.Bits(cut, 1);
  if (cut) {
    to.Unsigned(0);
    to.Unsigned(static_cast<uint32_t>((width - picture.width) / 2));
    to.Unsigned(0);
    to.Unsigned(static_cast<uint32_t>((height - picture.height) / 2));
  }
  to.Unsigned(0);
  to.Unsigned(0);
  to.Unsigned(kPictureOrderBits - 4);
  Ordering(to);
  for (const uint32_t value : {0, 3, 0, 3, 0, 0}) to.Unsigned(value);  // blocks of 8 to 64, transforms of 4 to 32
  to.Bits(0, 4);                                                       // no scaling lists, AMP, SAO, PCM
  to.Unsigned(1);                                                      // one reference picture set: the picture before
  to.Unsigned(1);
  to.Unsigned(0);
  to.Unsigned(0);
  to.Bits(1, 1);
  to.Bits(0, 5);  // no long-term references, temporal MVP, strong smoothing, VUI, extension
  to.Align();
  return to.bytes();
}

std::vector<uint8_t> PictureParameterSet() {
  BitWriter to;
  to.Unsigned(0);
  to.Unsigned(0);
  to.Bits(0, 1 + 1 + 3 + 1 + 1);
  to.Unsigned(0);
  to.Unsigned(0);
  to.Signed(0);  // kInitQp
  to.Bits(0, 3);
  to.Signed(0);
  to.Signed(0);
  to.Bits(0, 6 + 1 + 1 + 1 + 1);
  to.Unsigned(0);
  to.Bits(0, 2);
  to.Align();
  return to.bytes();
}

void SliceHeader(BitWriter& to, bool key, uint32_t number, int qp) {
  to.Bits(1, 1);             // the first of its picture
  if (key) to.Bits(0, 1);    // no_output_of_prior_pics_flag
  to.Unsigned(0);            // the PPS
  to.Unsigned(key ? 2 : 1);  // I or P
  if (!key) {
    to.Bits(number & ((1 << kPictureOrderBits) - 1), kPictureOrderBits);
    to.Bits(1, 1);   // the SPS's reference picture set
    to.Bits(0, 1);   // no other number of references
    to.Unsigned(0);  // five_minus_max_num_merge_cand
  }
  to.Signed(qp - kInitQp);
  to.Align();
}

void Number(BitWriter& to, uint32_t value) { to.Bits(value, 32); }

}  // namespace

Picture Picture::Of(const webrtc::I420BufferInterface& buffer) {
  Picture picture{buffer.width(), buffer.height(), {}};
  const auto mean = [](const uint8_t* plane, int stride, int width, int height, int x0, int y0, int side) {
    int sum = 0, count = 0;
    for (int y = y0; y < std::min(y0 + side, height); ++y)
      for (int x = x0; x < std::min(x0 + side, width); ++x, ++count) sum += plane[y * stride + x];
    return static_cast<uint8_t>((sum + count / 2) / count);
  };
  for (int row = 0; row < picture.Rows(); ++row) {
    for (int column = 0; column < picture.Columns(); ++column) {
      picture.blocks.push_back(
          mean(buffer.DataY(), buffer.StrideY(), buffer.width(), buffer.height(), column * 8, row * 8, 8));
      for (const auto& [plane, stride] : {std::pair(buffer.DataU(), buffer.StrideU()), {buffer.DataV(), buffer.StrideV()}})
        picture.blocks.push_back(mean(plane, stride, buffer.ChromaWidth(), buffer.ChromaHeight(), column * 4, row * 4, 4));
    }
  }
  return picture;
}

rtc::scoped_refptr<webrtc::I420Buffer> Picture::Paint() const {
  const auto buffer = webrtc::I420Buffer::Create(width, height);
  const auto block = [&](int x, int y, int side, int plane) {
    return blocks[static_cast<size_t>((y / side * Columns() + x / side) * 3 + plane)];
  };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) buffer->MutableDataY()[y * buffer->StrideY() + x] = block(x, y, 8, 0);
  for (int y = 0; y < buffer->ChromaHeight(); ++y) {
    for (int x = 0; x < buffer->ChromaWidth(); ++x) {
      buffer->MutableDataU()[y * buffer->StrideU() + x] = block(x, y, 4, 1);
      buffer->MutableDataV()[y * buffer->StrideV() + x] = block(x, y, 4, 2);
    }
  }
  return buffer;
}

std::vector<uint8_t> StreamWriter::Next(const Picture& picture, bool key, int qp) {
  std::vector<uint8_t> stream;
  number_ = key ? 0 : number_ + 1;
  if (key) {
    Append(stream, NaluType::kVps, VideoParameterSet(level_id_));
    Append(stream, NaluType::kSps, SequenceParameterSet(picture, level_id_));
    Append(stream, NaluType::kPps, PictureParameterSet());
  }
  BitWriter slice;
  SliceHeader(slice, key, number_, qp);
  Number(slice, kMark);
  Number(slice, number_);
  if (number_ % kWholeEvery == 0) {
    slice.Byte(kWhole);
    for (const uint8_t value : picture.blocks) slice.Byte(value);
  } else {
    std::vector<uint32_t> changed;
    for (uint32_t at = 0; at < picture.blocks.size(); at += 3)
      if (!std::equal(&picture.blocks[at], &picture.blocks[at] + 3, &reference_.blocks[at])) changed.push_back(at);
    slice.Byte(kChanged);
    Number(slice, static_cast<uint32_t>(changed.size()));
    for (const uint32_t at : changed) {
      Number(slice, at);
      for (uint32_t i = 0; i < 3; ++i) slice.Byte(picture.blocks[at + i]);
    }
  }
  slice.Align();
  Append(stream, key ? NaluType::kIdrWRadl : NaluType::kTrailR, slice.bytes());
  reference_ = picture;
  return stream;
}

std::optional<Picture> StreamReader::Next(const uint8_t* data, size_t size) {
  bool vps = false, sps = false, pps = false, slice = false;
  for (const auto& nal : webrtc::H265::FindNaluIndices(data, size)) {
    const uint8_t* body = data + nal.payload_start_offset + webrtc::H265::kNaluHeaderSize;
    if (nal.payload_size < webrtc::H265::kNaluHeaderSize || slice) return std::nullopt;
    const size_t length = nal.payload_size - webrtc::H265::kNaluHeaderSize;
    const NaluType type = webrtc::H265::ParseNaluType(data[nal.payload_start_offset]);
    switch (type) {
      case NaluType::kVps: vps = webrtc::H265VpsParser::ParseVps(body, length).has_value(); break;
      case NaluType::kSps: {
        const auto parsed = webrtc::H265SpsParser::ParseSps(body, length);
        if (!parsed) return std::nullopt;
        sps = true;
        width_ = static_cast<int>(parsed->width);
        height_ = static_cast<int>(parsed->height);
        break;
      }
      case NaluType::kPps: pps = webrtc::H265PpsParser::ParsePps(body, length).has_value(); break;
      case NaluType::kIdrWRadl:
      case NaluType::kTrailR: {
        const bool key = type == NaluType::kIdrWRadl;
        if (key != (vps && sps && pps) || (!key && !picture_)) return std::nullopt;
        try {
          slice = Slice(webrtc::H265::ParseRbsp(body, length), key);
        } catch (const std::out_of_range&) {
        }
        if (!slice) {
          picture_.reset();
          return std::nullopt;
        }
        break;
      }
      default: return std::nullopt;
    }
  }
  return slice ? picture_ : std::nullopt;
}

bool StreamReader::Slice(const std::vector<uint8_t>& rbsp, bool key) {
  BitReader from(rbsp);
  if (from.Bits(1) != 1 || (key && from.Bits(1) != 0) || from.Unsigned() != 0) return false;
  if (from.Unsigned() != (key ? 2u : 1u)) return false;
  const uint32_t number = key ? 0 : number_ + 1;
  if (!key && (from.Bits(kPictureOrderBits) != (number & ((1 << kPictureOrderBits) - 1)) || from.Bits(2) != 0b10 ||
               from.Unsigned() != 0))
    return false;
  qp_ = kInitQp + from.Signed();
  if (!from.Aligned() || from.Bits(32) != kMark || from.Bits(32) != number) return false;
  number_ = number;
  if (key) picture_ = Picture{width_, height_, {}};
  Picture& picture = *picture_;
  if (key) picture.blocks.resize(static_cast<size_t>(picture.Columns() * picture.Rows() * 3));
  if (from.Byte() == kWhole) {
    for (uint8_t& value : picture.blocks) value = from.Byte();
  } else {
    for (uint32_t left = from.Bits(32); left > 0; --left) {
      const uint32_t at = from.Bits(32);
      for (uint32_t i = 0; i < 3; ++i) picture.blocks.at(at + i) = from.Byte();
    }
  }
  return from.Aligned();
}

}  // namespace h265_test
