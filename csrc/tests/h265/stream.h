// An H.265 stream of main profile for tests: parameter sets and slice headers follow ITU-T H.265, so that everything between an
// encoder and a decoder accepts it; instead of coding tree units, the slices carry coarse pictures.
#ifndef SORA_TESTS_H265_STREAM_H
#define SORA_TESTS_H265_STREAM_H

#include <cstdint>
#include <optional>
#include <vector>

#include "api/video/i420_buffer.h"

namespace h265_test {

// A picture of blocks of 8x8 pixels, each of one colour: Y, U, V.
struct Picture {
  int width = 0, height = 0;
  std::vector<uint8_t> blocks;

  int Columns() const { return (width + 7) / 8; }
  int Rows() const { return (height + 7) / 8; }

  static Picture Of(const webrtc::I420BufferInterface& buffer);
  rtc::scoped_refptr<webrtc::I420Buffer> Paint() const;
};

class StreamWriter {
 public:
  explicit StreamWriter(int level_id) : level_id_(level_id) {}

  // The access unit of the next picture, with start codes: VPS, SPS, PPS and an IDR slice, or a slice that refers to the picture
  // before and holds what has changed.
  std::vector<uint8_t> Next(const Picture& picture, bool key, int qp);

 private:
  const int level_id_;
  uint32_t number_ = 0;  // since the last key frame
  Picture reference_;
};

class StreamReader {
 public:
  // The picture of an access unit; empty when anything in it was altered, or when the picture before is missing.
  std::optional<Picture> Next(const uint8_t* data, size_t size);
  int qp() const { return qp_; }

 private:
  bool Slice(const std::vector<uint8_t>& rbsp, bool key);

  std::optional<Picture> picture_;
  int width_ = 0, height_ = 0;
  uint32_t number_ = 0;
  int qp_ = 0;
};

}  // namespace h265_test

#endif
