#include "soft/headers.h"

#include <vector>

#include "soft/control.h"

namespace standin {
namespace {

// Reads bits; past the end there are zeros.
class Bits {
 public:
  Bits(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint32_t Read(int count) {
    uint32_t value = 0;
    while (count-- > 0) {
      const size_t byte = at_ / 8;
      value = value << 1 | (byte < size_ ? data_[byte] >> (7 - at_ % 8) & 1 : 0u);
      ++at_;
    }
    return value;
  }
  // Exp-Golomb, as in H.264 and H.265.
  uint32_t Golomb() {
    int zeros = 0;
    while (zeros < 31 && at_ < size_ * 8 && !Read(1)) ++zeros;
    return (1u << zeros) - 1 + Read(zeros);
  }
  void Skip(int count) { at_ += static_cast<size_t>(count); }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

// The NAL units of an Annex B stream, each from behind its start code to the next one.
template <typename Visit>
void VisitNals(const uint8_t* data, size_t size, Visit visit) {
  size_t start = size;
  for (size_t i = 0; i + 3 <= size; ++i) {
    if (data[i] || data[i + 1] || data[i + 2] != 1) continue;
    if (start < i) visit(data + start, i - start);
    start = i + 3;
    i += 2;
  }
  if (start < size) visit(data + start, size - start);
}

// A NAL unit without emulation prevention.
std::vector<uint8_t> Unescape(const uint8_t* data, size_t size) {
  std::vector<uint8_t> payload;
  int zeros = 0;
  for (size_t i = 0; i < size; ++i) {
    if (zeros >= 2 && data[i] == 3) {
      zeros = 0;
      continue;
    }
    zeros = data[i] ? 0 : zeros + 1;
    payload.push_back(data[i]);
  }
  return payload;
}

void Crop(Header& header, Bits& bits) {
  const int left = static_cast<int>(bits.Golomb()), right = static_cast<int>(bits.Golomb());
  const int top = static_cast<int>(bits.Golomb()), bottom = static_cast<int>(bits.Golomb());
  header.width -= 2 * (left + right);
  header.height -= 2 * (top + bottom);
}

void SkipScalingLists(Bits& bits) {
  for (int list = 0; list < 8; ++list) {
    if (!bits.Read(1)) continue;
    int last = 8, next = 8;
    for (int i = 0; i < (list < 6 ? 16 : 64); ++i) {
      if (next) {
        const uint32_t code = bits.Golomb();
        next = (last + (code & 1 ? static_cast<int>(code + 1) / 2 : -static_cast<int>(code / 2)) + 256) % 256;
      }
      if (next) last = next;
    }
  }
}

// 7.3.2.1.1 of H.264, for 4:2:0 frames.
void ReadH264(Header& header, const std::vector<uint8_t>& nal) {
  if (nal.size() < 4 || (nal[0] & 31) != 7) return;
  Bits bits(nal.data() + 1, nal.size() - 1);
  header.profile = static_cast<int>(bits.Read(8));
  bits.Skip(8);
  header.level = static_cast<int>(bits.Read(8));
  bits.Golomb();
  if (header.profile >= 100) {
    bits.Golomb();  // chroma_format_idc: 1
    bits.Golomb();
    bits.Golomb();
    bits.Skip(1);
    if (bits.Read(1)) SkipScalingLists(bits);
  }
  bits.Golomb();
  const uint32_t order = bits.Golomb();
  if (order == 0) bits.Golomb();
  if (order == 1) {
    bits.Skip(1);
    bits.Golomb();
    bits.Golomb();
    for (uint32_t left = bits.Golomb() & 255; left > 0; --left) bits.Golomb();
  }
  bits.Golomb();
  bits.Skip(1);
  header.width = header.coded_width = static_cast<int>(bits.Golomb() + 1) * 16;
  const int units = static_cast<int>(bits.Golomb() + 1);
  const bool frames_only = bits.Read(1);
  header.height = header.coded_height = units * 16 * (frames_only ? 1 : 2);
  if (!frames_only) bits.Skip(1);
  bits.Skip(1);
  if (bits.Read(1)) Crop(header, bits);
  header.sequence = true;
}

// 7.3.2.2 of H.265, as far as the size.
void ReadH265(Header& header, const std::vector<uint8_t>& nal) {
  if (nal.size() < 4 || (nal[0] >> 1 & 63) != 33) return;
  Bits bits(nal.data() + 2, nal.size() - 2);
  bits.Skip(4);
  const int sub_layers = static_cast<int>(bits.Read(3));
  bits.Skip(1 + 3);
  header.profile = static_cast<int>(bits.Read(5));
  bits.Skip(32 + 48);
  header.level = static_cast<int>(bits.Read(8));
  bool has_profile[8] = {}, has_level[8] = {};
  for (int i = 0; i < sub_layers; ++i) {
    has_profile[i] = bits.Read(1);
    has_level[i] = bits.Read(1);
  }
  if (sub_layers > 0) bits.Skip(2 * (8 - sub_layers));
  for (int i = 0; i < sub_layers; ++i) bits.Skip((has_profile[i] ? 88 : 0) + (has_level[i] ? 8 : 0));
  bits.Golomb();
  if (bits.Golomb() == 3) bits.Skip(1);
  header.width = header.coded_width = static_cast<int>(bits.Golomb());
  header.height = header.coded_height = static_cast<int>(bits.Golomb());
  if (bits.Read(1)) Crop(header, bits);
  header.sequence = true;
}

// 5.5 of AV1: the maximal size, which frames of a stream for WebRTC have.
void ReadAv1Sequence(Header& header, const uint8_t* data, size_t size) {
  Bits bits(data, size);
  bits.Skip(3 + 1);
  if (bits.Read(1)) {
    bits.Skip(5);
  } else {
    if (bits.Read(1)) return;  // timing information, which no encoder here writes
    const bool delays = bits.Read(1);
    for (uint32_t left = bits.Read(5) + 1; left > 0; --left) {
      bits.Skip(12);
      if (bits.Read(5) > 7) bits.Skip(1);
      if (delays && bits.Read(1)) bits.Skip(4);
    }
  }
  const int width_bits = static_cast<int>(bits.Read(4)) + 1, height_bits = static_cast<int>(bits.Read(4)) + 1;
  header.width = header.coded_width = static_cast<int>(bits.Read(width_bits)) + 1;
  header.height = header.coded_height = static_cast<int>(bits.Read(height_bits)) + 1;
  header.sequence = true;
}

// The OBUs of a temporal unit: the type, the whole and its payload.
template <typename Visit>
void VisitObus(const uint8_t* data, size_t size, Visit visit) {
  for (size_t at = 0; at < size;) {
    const size_t start = at;
    const int type = data[at] >> 3 & 15;
    const bool extension = data[at] & 4, sized = data[at] & 2;
    at += extension ? 2 : 1;
    if (at > size) return;
    size_t length = size - at;
    if (sized) {
      length = 0;
      for (int shift = 0; at < size && shift < 32; shift += 7) {
        length |= static_cast<size_t>(data[at] & 127) << shift;
        if (!(data[at++] & 128)) break;
      }
    }
    if (length > size - at) return;
    visit(type, data + start, data + at, data + at + length);
    at += length;
  }
}

// 9.1 of RFC 6386.
void ReadVp8(Header& header, const uint8_t* data, size_t size) {
  if (size < 10 || data[0] & 1) return;
  header.width = header.coded_width = (data[6] | data[7] << 8) & 0x3fff;
  header.height = header.coded_height = (data[8] | data[9] << 8) & 0x3fff;
  header.sequence = true;
}

// 6.2 of VP9, for profile 0.
void ReadVp9(Header& header, const uint8_t* data, size_t size) {
  Bits bits(data, size);
  if (bits.Read(2) != 2 || bits.Read(2) != 0) return;
  if (bits.Read(1) || bits.Read(1)) return;  // an existing frame, or none that begins
  bits.Skip(2);
  if (bits.Read(24) != 0x498342) return;
  if (bits.Read(3) != 7) bits.Skip(1);
  header.width = header.coded_width = static_cast<int>(bits.Read(16)) + 1;
  header.height = header.coded_height = static_cast<int>(bits.Read(16)) + 1;
  header.sequence = true;
}

}  // namespace

Header ReadHeader(Codec codec, const uint8_t* data, size_t size) {
  const Work work;
  Header header;
  switch (codec) {
    case Codec::kH264:
      VisitNals(data, size, [&](auto* nal, size_t length) { ReadH264(header, Unescape(nal, length)); });
      break;
    case Codec::kH265:
      VisitNals(data, size, [&](auto* nal, size_t length) { ReadH265(header, Unescape(nal, length)); });
      break;
    case Codec::kAv1:
      VisitObus(data, size, [&](int type, auto*, const uint8_t* payload, const uint8_t* end) {
        if (type == 1) ReadAv1Sequence(header, payload, static_cast<size_t>(end - payload));
      });
      break;
    case Codec::kVp8: ReadVp8(header, data, size); break;
    case Codec::kVp9: ReadVp9(header, data, size); break;
  }
  return header;
}

std::vector<uint8_t> WithoutParameterSets(Codec codec, const std::vector<uint8_t>& bytes) {
  std::vector<uint8_t> rest;
  if (codec == Codec::kAv1) {
    VisitObus(bytes.data(), bytes.size(), [&](int type, const uint8_t* obu, auto*, const uint8_t* end) {
      if (type != 1) rest.insert(rest.end(), obu, end);
    });
    return rest;
  }
  if (codec != Codec::kH264 && codec != Codec::kH265) return bytes;
  VisitNals(bytes.data(), bytes.size(), [&](const uint8_t* nal, size_t length) {
    const int type = codec == Codec::kH264 ? nal[0] & 31 : nal[0] >> 1 & 63;
    const bool is_set = codec == Codec::kH264 ? type == 7 || type == 8 : type >= 32 && type <= 34;
    if (is_set) return;
    static constexpr uint8_t kStart[] = {0, 0, 0, 1};
    rest.insert(rest.end(), kStart, kStart + 4);
    // The zero in front of the next start code was seen as this unit's.
    while (length > 1 && nal[length - 1] == 0) --length;
    rest.insert(rest.end(), nal, nal + length);
  });
  return rest;
}

}  // namespace standin
