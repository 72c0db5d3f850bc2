// What bench/ compares the library with: libyuv's own conversions and plain copies of frames, without anything around them. Each
// line of standard input is "OPERATION WIDTH HEIGHT COUNT"; the answer is one line with the time of each run in microseconds. Any
// other line ends the program with status 2.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "libyuv.h"

namespace {

constexpr int kMaxSide = 4096;
constexpr int kMaxCount = 10'000;
constexpr size_t kFrames = 8;   // as many as bench/ sends in turn, so that they are as cold in the caches
constexpr size_t kBuffers = 3;  // as many as are in use of the pool: an encoder holds one or two, one is written

using Bytes = std::vector<uint8_t>;

// Frames of one size, in both directions.
class Frames {
 public:
  Frames(int width, int height)
      : width_(width),
        height_(height),
        sources_(kFrames, Bytes(static_cast<size_t>(width) * height * 4)),
        i420_(kBuffers, Bytes(Luma() + 2 * Chroma())),
        copy_(static_cast<size_t>(width) * height * 4) {
    uint32_t random = 1;
    for (Bytes& frame : sources_)
      for (uint8_t& byte : frame) byte = static_cast<uint8_t>((random = random * 1664525 + 1013904223) >> 24);
    for (size_t i = 0; i < kBuffers; ++i) BgrToI420();
  }

  bool Is(int width, int height) const { return width == width_ && height == height_; }

  void BgrToI420() {
    const uint8_t* from = Next();
    libyuv::RGB24ToI420(from, width_ * 3, Y(), width_, U(), Half(), V(), Half(), width_, height_);
  }

  void RgbaToI420() {
    const uint8_t* from = Next();
    libyuv::ABGRToI420(from, width_ * 4, Y(), width_, U(), Half(), V(), Half(), width_, height_);
  }

  // A frame into one of the buffers.
  void KeepI420() {
    const uint8_t* from = Next();
    std::memcpy(Y(), from, i420_[0].size());
  }

  void I420ToBgr() { libyuv::I420ToRGB24(Y(), width_, U(), Half(), V(), Half(), copy_.data(), width_ * 3, width_, height_); }

  void I420ToRgba() { libyuv::I420ToABGR(Y(), width_, U(), Half(), V(), Half(), copy_.data(), width_ * 4, width_, height_); }

  void CopyI420() { std::memcpy(copy_.data(), Y(), i420_[0].size()); }

 private:
  int Half() const { return (width_ + 1) / 2; }
  size_t Luma() const { return static_cast<size_t>(width_) * height_; }
  size_t Chroma() const { return static_cast<size_t>(Half()) * ((height_ + 1) / 2); }
  // The next source, for the next buffer.
  const uint8_t* Next() { return sources_[++next_ % kFrames].data(); }
  uint8_t* Y() { return i420_[next_ % kBuffers].data(); }
  uint8_t* U() { return Y() + Luma(); }
  uint8_t* V() { return U() + Chroma(); }

  int width_;
  int height_;
  std::vector<Bytes> sources_;
  std::vector<Bytes> i420_;
  Bytes copy_;
  size_t next_ = 0;
};

struct Operation {
  const char* name;
  void (Frames::*run)();
};
constexpr Operation kOperations[] = {{"bgr-to-i420", &Frames::BgrToI420},   {"rgba-to-i420", &Frames::RgbaToI420},
                                     {"keep-i420", &Frames::KeepI420},      {"i420-to-bgr", &Frames::I420ToBgr},
                                     {"i420-to-rgba", &Frames::I420ToRgba}, {"copy-i420", &Frames::CopyI420}};

const Operation* Find(const std::string& name) {
  for (const Operation& operation : kOperations)
    if (name == operation.name) return &operation;
  return nullptr;
}

}  // namespace

int main() {
  std::unique_ptr<Frames> frames;
  char name[32];
  int width = 0;
  int height = 0;
  int count = 0;
  while (std::scanf("%31s %d %d %d", name, &width, &height, &count) == 4) {
    const Operation* operation = Find(name);
    if (!operation || width < 1 || width > kMaxSide || height < 1 || height > kMaxSide || count < 1 || count > kMaxCount) {
      std::fprintf(stderr, "no such operation: %s %d %d %d\n", name, width, height, count);
      return 2;
    }
    if (!frames || !frames->Is(width, height)) frames = std::make_unique<Frames>(width, height);
    for (int i = 0; i < count; ++i) {
      const auto start = std::chrono::steady_clock::now();
      (frames.get()->*operation->run)();
      const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
      std::printf(i ? " %.2f" : "%.2f", took.count());
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  return 0;
}
