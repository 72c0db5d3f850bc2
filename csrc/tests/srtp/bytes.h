// Bytes from and to hexadecimal digits, as RFCs print them.
#ifndef SORA_TESTS_BYTES_H
#define SORA_TESTS_BYTES_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using ByteVector = std::vector<uint8_t>;

inline ByteVector FromHex(std::string_view text) {
  ByteVector bytes;
  int high = -1;
  for (const char c : text) {
    int digit;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = (c | 0x20) - 'a' + 10;
    } else {
      continue;
    }
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

inline std::string ToHex(const ByteVector& bytes) {
  std::string text;
  for (const uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

inline ByteVector Join(ByteVector a, const ByteVector& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline ByteVector Part(const ByteVector& bytes, size_t begin, size_t end) {
  return {bytes.begin() + static_cast<ptrdiff_t>(begin), bytes.begin() + static_cast<ptrdiff_t>(end)};
}

#endif
