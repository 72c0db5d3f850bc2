#include "codecs/hardware/h265_level.h"

#include <cstdint>

#include "api/video_codecs/h265_profile_tier_level.h"

namespace sora {
namespace {

// Levels that differ in their frames, with the most luma samples of one.
constexpr struct {
  int level;
  int64_t samples;
} kLevels[] = {{30, 36'864},  {60, 122'880},    {63, 245'760},    {90, 552'960},
               {93, 983'040}, {120, 2'228'224}, {150, 8'912'896}, {180, 35'651'584}};

}  // namespace

int H265LevelOf(int width, int height) {
  for (const auto& [level, samples] : kLevels) {
    // A side is at most the root of eight times the samples.
    const int64_t w = width, h = height;
    if (w * h <= samples && w * w <= 8 * samples && h * h <= 8 * samples) return level;
  }
  return 0;
}

int H265LevelOf(const webrtc::SdpVideoFormat& format) {
  const auto parsed = webrtc::ParseSdpForH265ProfileTierLevel(format.parameters);
  return parsed ? static_cast<int>(parsed->level) : 0;
}

std::string H265LevelText(int level) {
  const int tenths = level / 3;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

}  // namespace sora
