// Conversions of frames, against a reference (ITU-R BT.601, limited range; chroma is the mean of 2 x 2 pixels), in memory that is
// followed by a protected page.
#include "media/video_format.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "../harness/guarded.h"

using test::Guarded;

namespace {

constexpr int kSizes[][2] = {{2, 2}, {3, 3}, {1, 5}, {5, 1}, {64, 48}, {127, 95}, {318, 241}, {4096, 2304}};
constexpr int kGaps[] = {0, 7, 32};  // bytes between rows
constexpr int kTolerance = 2;
// Specified is 2.017; libyuv's coefficients have 6 fractional bits in a signed byte, so the maximum is 2.
constexpr double kBlue = 2;

struct Packed {
  int bytes, r, g, b;
};

Packed PackedOf(uint32_t format) {
  switch (format) {
    case SORA_VIDEO_FORMAT_BGR: return {3, 2, 1, 0};
    case SORA_VIDEO_FORMAT_RGB: return {3, 0, 1, 2};
    case SORA_VIDEO_FORMAT_BGRA: return {4, 2, 1, 0};
    case SORA_VIDEO_FORMAT_RGBA: return {4, 0, 1, 2};
  }
  return {1, 0, 0, 0};
}

uint8_t Round(double value) { return static_cast<uint8_t>(std::clamp(value, 0.0, 255.0) + 0.5); }

std::vector<uint8_t> Noise(size_t size, uint32_t seed) {
  std::vector<uint8_t> bytes(size);
  for (auto& byte : bytes) {
    seed = seed * 1'664'525 + 1'013'904'223;  // the generator of Numerical Recipes
    byte = static_cast<uint8_t>(seed >> 24);
  }
  return bytes;
}

// A frame as three planes, and as R, G, B.
struct Frame {
  int width, height;
  std::vector<uint8_t> y, u, v, rgb;

  Frame(int w, int h) : width(w), height(h) {}
  int columns() const { return (width + 1) / 2; }
  int rows() const { return (height + 1) / 2; }

  // Planes of what rgb has.
  void Encode() {
    y.resize(static_cast<size_t>(width) * height);
    u.resize(static_cast<size_t>(columns()) * rows());
    v.resize(u.size());
    for (size_t at = 0; at < y.size(); ++at)
      y[at] = Round(16 + (65.481 * rgb[3 * at] + 128.553 * rgb[3 * at + 1] + 24.966 * rgb[3 * at + 2]) / 255);
    for (int row = 0; row < rows(); ++row) {
      for (int column = 0; column < columns(); ++column) {
        double sum[3] = {}, count = 0;
        for (int line = 2 * row; line < std::min(2 * row + 2, height); ++line) {
          for (int x = 2 * column; x < std::min(2 * column + 2, width); ++x, ++count)
            for (int c = 0; c < 3; ++c) sum[c] += rgb[3 * (static_cast<size_t>(line) * width + x) + c];
        }
        const double r = sum[0] / count, g = sum[1] / count, b = sum[2] / count;
        const size_t at = static_cast<size_t>(row) * columns() + column;
        u[at] = Round(128 + (-37.797 * r - 74.203 * g + 112 * b) / 255);
        v[at] = Round(128 + (112 * r - 93.786 * g - 18.214 * b) / 255);
      }
    }
  }

  // R, G, B of what the planes have.
  void Decode() {
    rgb.resize(static_cast<size_t>(width) * height * 3);
    for (int line = 0; line < height; ++line) {
      for (int x = 0; x < width; ++x) {
        const size_t at = static_cast<size_t>(line) * width + x;
        const size_t chroma = static_cast<size_t>(line / 2) * columns() + x / 2;
        const double luma = 255.0 / 219 * (y[at] - 16);
        const double cb = 255.0 / 224 * (u[chroma] - 128), cr = 255.0 / 224 * (v[chroma] - 128);
        rgb[3 * at] = Round(luma + 1.402 * cr);
        rgb[3 * at + 1] = Round(luma - 0.344136 * cb - 0.714136 * cr);
        rgb[3 * at + 2] = Round(luma + kBlue * (u[chroma] - 128));
      }
    }
  }
};

// Calls see(byte of the layout, sample of the frame, whether that is exact) for each sample of the frame.
template <typename See>
void EachSample(const sora::VideoLayout& l, const Frame& p, uint8_t* buffer, See&& see) {
  const Packed packed = PackedOf(l.format);
  const size_t stride = static_cast<size_t>(l.stride);
  if (packed.bytes > 1) {
    for (int line = 0; line < l.height; ++line) {
      uint8_t* at = buffer + line * stride;
      const uint8_t* rgb = &p.rgb[static_cast<size_t>(line) * l.width * 3];
      for (int x = 0; x < l.width; ++x, at += packed.bytes, rgb += 3) {
        see(at[packed.r], rgb[0], false);
        see(at[packed.g], rgb[1], false);
        see(at[packed.b], rgb[2], false);
        if (packed.bytes == 4) see(at[3], 255, true);
      }
    }
    return;
  }
  for (int line = 0; line < l.height; ++line)
    for (int x = 0; x < l.width; ++x) see(buffer[line * stride + x], p.y[static_cast<size_t>(line) * l.width + x], true);
  const bool interleaved = l.format == SORA_VIDEO_FORMAT_NV12;
  const size_t chroma_stride = (stride + 1) / 2 * (interleaved ? 2 : 1), step = interleaved ? 2 : 1;
  uint8_t* const u = buffer + stride * l.height;
  uint8_t* const v = interleaved ? u + 1 : u + chroma_stride * p.rows();
  for (int row = 0; row < p.rows(); ++row) {
    for (int column = 0; column < p.columns(); ++column) {
      const size_t from = static_cast<size_t>(row) * p.columns() + column, to = row * chroma_stride + column * step;
      see(u[to], p.u[from], true);
      see(v[to], p.v[from], true);
    }
  }
}

// The largest difference between a plane and the reference.
int Difference(const uint8_t* plane, int stride, const std::vector<uint8_t>& reference, int width, int height) {
  int most = 0;
  for (int line = 0; line < height; ++line)
    for (int x = 0; x < width; ++x)
      most = std::max(most, std::abs(plane[line * stride + x] - reference[static_cast<size_t>(line) * width + x]));
  return most;
}

template <typename Body>
void EachLayout(int width, int height, Body&& body) {
  for (uint32_t format = SORA_VIDEO_FORMAT_BGR; format <= SORA_VIDEO_FORMAT_NV12; ++format) {
    for (const int gap : kGaps) {
      const int stride = width * PackedOf(format).bytes + gap;
      body(sora::Layout(format, static_cast<uint32_t>(width), static_cast<uint32_t>(height), static_cast<uint32_t>(stride)));
    }
  }
}

// A frame of noise as libwebrtc has it, in guarded memory.
struct Source {
  Frame frame;
  sora::VideoLayout layout;
  Guarded memory;
  rtc::scoped_refptr<webrtc::I420BufferInterface> buffer;

  Source(int width, int height)
      : frame(width, height),
        layout(sora::Layout(SORA_VIDEO_FORMAT_I420, static_cast<uint32_t>(width), static_cast<uint32_t>(height), 0)),
        memory(layout.size),
        buffer(sora::Wrap(layout, memory.data())) {
    frame.y = Noise(static_cast<size_t>(width) * height, 1);
    frame.u = Noise(static_cast<size_t>(frame.columns()) * frame.rows(), 2);
    frame.v = Noise(frame.u.size(), 3);
    EachSample(layout, frame, memory.data(), [](uint8_t& byte, uint8_t value, bool) { byte = value; });
  }
};

}  // namespace

TEST(video_frames_become_i420_as_specified) {
  for (const auto& [width, height] : kSizes) {
    Frame frame(width, height);
    frame.rgb = Noise(static_cast<size_t>(width) * height * 3, 4);
    frame.Encode();
    EachLayout(width, height, [&](const sora::VideoLayout& layout) {
      const Guarded from(layout.size);
      EachSample(layout, frame, from.data(), [](uint8_t& byte, uint8_t value, bool) { byte = value; });
      const auto to = webrtc::I420Buffer::Create(layout.width, layout.height);
      sora::Convert(layout, from.data(), *to);
      const int allowed = PackedOf(layout.format).bytes > 1 ? kTolerance : 0;
      REQUIRE(Difference(to->DataY(), to->StrideY(), frame.y, layout.width, layout.height) <= allowed);
      REQUIRE(Difference(to->DataU(), to->StrideU(), frame.u, frame.columns(), frame.rows()) <= allowed);
      REQUIRE(Difference(to->DataV(), to->StrideV(), frame.v, frame.columns(), frame.rows()) <= allowed);
    });
  }
}

TEST(video_i420_becomes_every_format_as_specified_and_nothing_else_is_written) {
  for (const auto& [width, height] : kSizes) {
    Source source(width, height);
    source.frame.Decode();
    EachLayout(width, height, [&](const sora::VideoLayout& layout) {
      const Guarded to(layout.size);
      sora::Convert(*source.buffer, layout, to.data());
      int most = 0, most_exact = 0;
      size_t seen = 0;
      EachSample(layout, source.frame, to.data(), [&](uint8_t& byte, uint8_t value, bool exact) {
        int& difference = exact ? most_exact : most;
        difference = std::max(difference, std::abs(byte - value));
        byte = Guarded::kUntouched;
        ++seen;
      });
      REQUIRE(most <= kTolerance);
      REQUIRE_EQ(most_exact, 0);
      REQUIRE(seen > 0 && to.UntouchedBefore());
      // Only the gaps are left.
      REQUIRE(std::all_of(to.data(), to.data() + to.size(), [](uint8_t byte) { return byte == Guarded::kUntouched; }));
    });
  }
}

TEST(video_i420_is_turned_sample_by_sample) {
  for (const auto& [width, height] : kSizes) {
    const Source source(width, height);
    for (const uint32_t degrees : {90u, 180u, 270u}) {
      const bool across = degrees != 180;
      Frame turned(across ? height : width, across ? width : height);
      const auto turn = [&](const std::vector<uint8_t>& plane, int w, int h) {
        std::vector<uint8_t> result(plane.size());
        for (int line = 0; line < h; ++line) {
          for (int x = 0; x < w; ++x) {
            const size_t to = degrees == 90    ? static_cast<size_t>(x) * h + (h - 1 - line)
                              : degrees == 180 ? static_cast<size_t>(h - 1 - line) * w + (w - 1 - x)
                                               : static_cast<size_t>(w - 1 - x) * h + line;
            result[to] = plane[static_cast<size_t>(line) * w + x];
          }
        }
        return result;
      };
      turned.y = turn(source.frame.y, width, height);
      turned.u = turn(source.frame.u, source.frame.columns(), source.frame.rows());
      turned.v = turn(source.frame.v, source.frame.columns(), source.frame.rows());
      for (const int gap : kGaps) {
        const auto layout = sora::Layout(SORA_VIDEO_FORMAT_I420, static_cast<uint32_t>(turned.width),
                                         static_cast<uint32_t>(turned.height), static_cast<uint32_t>(turned.width + gap));
        const Guarded to(layout.size);
        sora::Rotate(*source.buffer, sora::Rotation(degrees), layout, to.data());
        const auto buffer = webrtc::I420Buffer::Create(turned.width, turned.height);
        sora::Rotate(*source.buffer, sora::Rotation(degrees), *buffer);
        bool same = to.UntouchedBefore();
        EachSample(layout, turned, to.data(), [&](uint8_t& byte, uint8_t value, bool) {
          same = same && byte == value;
          byte = Guarded::kUntouched;
        });
        REQUIRE(same);
        REQUIRE(std::all_of(to.data(), to.data() + to.size(), [](uint8_t byte) { return byte == Guarded::kUntouched; }));
        REQUIRE_EQ(Difference(buffer->DataY(), buffer->StrideY(), turned.y, turned.width, turned.height), 0);
        REQUIRE_EQ(Difference(buffer->DataU(), buffer->StrideU(), turned.u, turned.columns(), turned.rows()), 0);
        REQUIRE_EQ(Difference(buffer->DataV(), buffer->StrideV(), turned.v, turned.columns(), turned.rows()), 0);
      }
    }
  }
}
