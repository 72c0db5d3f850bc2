// What bench/ measures the library against: libyuv's own conversions and a plain copy of the same picture, 1280x720, without
// anything around them. Each line of standard input is "OPERATION COUNT"; the answer is one line with the time that each run
// took, in microseconds. A line that is none of these ends the program with status 2.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "libyuv.h"

namespace {

constexpr int kWidth = 1280;
constexpr int kHeight = 720;
constexpr int kMaxCount = 10'000;

struct Pictures {
  std::vector<uint8_t> bgr = std::vector<uint8_t>(kWidth * kHeight * 3);
  std::vector<uint8_t> i420 = std::vector<uint8_t>(kWidth * kHeight * 3 / 2);
  std::vector<uint8_t> copy = std::vector<uint8_t>(kWidth * kHeight * 3);

  uint8_t* y() { return i420.data(); }
  uint8_t* u() { return y() + kWidth * kHeight; }
  uint8_t* v() { return u() + kWidth * kHeight / 4; }
};

void BgrToI420(Pictures& p) {
  libyuv::RGB24ToI420(p.bgr.data(), kWidth * 3, p.y(), kWidth, p.u(), kWidth / 2, p.v(), kWidth / 2, kWidth, kHeight);
}

void I420ToBgr(Pictures& p) {
  libyuv::I420ToRGB24(p.y(), kWidth, p.u(), kWidth / 2, p.v(), kWidth / 2, p.copy.data(), kWidth * 3, kWidth, kHeight);
}

void CopyI420(Pictures& p) { std::memcpy(p.copy.data(), p.i420.data(), p.i420.size()); }

struct Operation {
  const char* name;
  void (*run)(Pictures&);
};
constexpr Operation kOperations[] = {{"bgr-to-i420", BgrToI420}, {"i420-to-bgr", I420ToBgr}, {"copy-i420", CopyI420}};

const Operation* Find(const std::string& name) {
  for (const Operation& operation : kOperations)
    if (name == operation.name) return &operation;
  return nullptr;
}

}  // namespace

int main() {
  Pictures pictures;
  uint32_t random = 1;
  for (uint8_t& byte : pictures.bgr) byte = static_cast<uint8_t>((random = random * 1664525 + 1013904223) >> 24);
  BgrToI420(pictures);

  char name[32];
  int count = 0;
  while (std::scanf("%31s %d", name, &count) == 2) {
    const Operation* operation = Find(name);
    if (!operation || count < 1 || count > kMaxCount) {
      std::fprintf(stderr, "no such operation: %s %d\n", name, count);
      return 2;
    }
    for (int i = 0; i < count; ++i) {
      const auto start = std::chrono::steady_clock::now();
      operation->run(pictures);
      const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
      std::printf(i ? " %.2f" : "%.2f", took.count());
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  return 0;
}
