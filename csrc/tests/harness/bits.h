// Writes and reads bitstreams bit by bit, with the descriptors of ITU-T H.265, sections 7.2 and 9.2.
#ifndef SORA_TESTS_HARNESS_BITS_H
#define SORA_TESTS_HARNESS_BITS_H

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace test {

class BitWriter {
 public:
  // u(n)
  void Bits(uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) {
      if (used_ == 0) bytes_.push_back(0);
      bytes_.back() = static_cast<uint8_t>(bytes_.back() | ((value >> i & 1) << (7 - used_)));
      used_ = (used_ + 1) % 8;
    }
  }
  // ue(v)
  void Unsigned(uint32_t value) {
    int length = 0;
    while ((value + 1) >> (length + 1)) ++length;
    Bits(0, length);
    Bits(value + 1, length + 1);
  }
  // se(v)
  void Signed(int32_t value) { Unsigned(static_cast<uint32_t>(value > 0 ? 2 * value - 1 : -2 * value)); }
  // A one and zeros up to the next byte: rbsp_trailing_bits() and byte_alignment() alike.
  void Align() {
    Bits(1, 1);
    while (used_ != 0) Bits(0, 1);
  }
  void Byte(uint8_t value) { Bits(value, 8); }

  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
  int used_ = 0;
};

// Throws std::out_of_range behind the end.
class BitReader {
 public:
  explicit BitReader(const std::vector<uint8_t>& bytes) : bytes_(bytes) {}

  uint32_t Bits(int count) {
    uint32_t value = 0;
    for (int i = 0; i < count; ++i, ++at_) value = value << 1 | (bytes_.at(at_ / 8) >> (7 - at_ % 8) & 1u);
    return value;
  }
  uint32_t Unsigned() {
    int zeros = 0;
    while (Bits(1) == 0)
      if (++zeros > 31) throw std::out_of_range("ue(v)");
    return (1u << zeros) - 1 + Bits(zeros);
  }
  int32_t Signed() {
    const uint32_t value = Unsigned();
    return value % 2 ? static_cast<int32_t>(value / 2 + 1) : -static_cast<int32_t>(value / 2);
  }
  // What BitWriter::Align() wrote.
  bool Aligned() {
    if (Bits(1) != 1) return false;
    while (at_ % 8)
      if (Bits(1) != 0) return false;
    return true;
  }
  uint8_t Byte() { return static_cast<uint8_t>(Bits(8)); }

 private:
  const std::vector<uint8_t>& bytes_;
  size_t at_ = 0;
};

}  // namespace test

#endif
