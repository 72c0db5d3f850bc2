// Frames in the caller's memory: any format, size and distance of rows, converted and rotated within exactly their bytes.
#include <algorithm>

#include "api/video/i420_buffer.h"
#include "core/result.h"
#include "fuzz/fuzz.h"
#include "media/video_format.h"

namespace {

using fuzz::Bytes;

constexpr uint32_t kLargestSide = 300;

std::vector<Bytes> video_seeds() {
  std::vector<Bytes> seeds;
  for (uint8_t format = 1; format <= 6; ++format) {
    // format, width, height, the distance of rows (0: tight), rotation, then pixels
    seeds.push_back({format, 0, 4, 0, 2, 0, 0, 0, 1, 2, 3});
    seeds.push_back({format, 1, 1, 0, 75, 0, 3, 1, 200, 100, 50});
    seeds.push_back({format, 0, 129, 0, 1, 4, 9, 2, 255});
  }
  seeds.push_back({1, 64, 0, 64, 0, 0, 0, 0});
  return seeds;
}

uint32_t Degrees(uint8_t choice) { return choice % 5 * 90; }

}  // namespace

FUZZ_TARGET(video, 1'500, 256) {
  fuzz::Script script(input);
  const uint32_t format = script.Byte() % 8, width = script.Number(2), height = script.Number(2);
  const uint32_t further = script.Number(2);
  const uint8_t rotation = script.Byte();
  const uint32_t bytes = format <= 2 ? 3 : format <= 4 ? 4 : 1;
  try {
    const sora::VideoLayout layout = sora::Layout(format, width, height, further ? width * bytes + further : 0);
    FUZZ_REQUIRE(layout.size >= size_t{1} * width * height);
    if (width > kLargestSide || height > kLargestSide || further > 1000) return;
    Bytes frame(layout.size), back(layout.size);
    const Bytes pixels(script.rest().begin(), script.rest().end());
    for (size_t at = 0; at < frame.size() && !pixels.empty(); ++at) frame[at] = pixels[at % pixels.size()];
    const auto planes = webrtc::I420Buffer::Create(layout.width, layout.height);
    sora::Convert(layout, frame.data(), *planes);
    sora::Convert(*planes, layout, back.data());
    if (format == SORA_VIDEO_FORMAT_I420) sora::Wrap(layout, frame.data());
    const auto turn = sora::Rotation(Degrees(rotation));
    const bool turned = turn == webrtc::kVideoRotation_90 || turn == webrtc::kVideoRotation_270;
    const auto upright = sora::Layout(SORA_VIDEO_FORMAT_I420, turned ? height : width, turned ? width : height, 0);
    Bytes i420(upright.size);
    sora::Rotate(*planes, turn, upright, i420.data());
    const auto rotated = webrtc::I420Buffer::Create(upright.width, upright.height);
    sora::Rotate(*planes, turn, *rotated);
    // Both ways to rotate give the same pixels.
    for (int y = 0; y < upright.height; ++y)
      FUZZ_REQUIRE(std::equal(rotated->DataY() + static_cast<ptrdiff_t>(y) * rotated->StrideY(),
                              rotated->DataY() + static_cast<ptrdiff_t>(y) * rotated->StrideY() + upright.width,
                              i420.data() + static_cast<ptrdiff_t>(y) * upright.stride));
  } catch (const sora::Error& error) {
    FUZZ_REQUIRE(error.code() == SORA_ERROR_INVALID_ARGUMENT);
  }
}
