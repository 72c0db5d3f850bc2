#include "codecs/hardware/temporal_id.h"

namespace sora {
namespace {

int OfH264(std::span<const uint8_t> frame) {
  constexpr int kPrefix = 14;
  for (size_t i = 0; i + 6 < frame.size(); ++i)
    if (frame[i] == 0 && frame[i + 1] == 0 && frame[i + 2] == 1 && (frame[i + 3] & 31) == kPrefix)
      return frame[i + 4] & 0x80 ? frame[i + 6] >> 5 : -1;
  return -1;
}

int OfAv1(std::span<const uint8_t> frame) {
  constexpr int kFrameHeader = 3, kFrame = 6;
  size_t at = 0;
  while (at < frame.size()) {
    const uint8_t header = frame[at++];
    const int type = header >> 3 & 15;
    int id = -1;
    if (header & 4) {
      if (at == frame.size()) return -1;
      id = frame[at++] >> 5;
    }
    if (type == kFrameHeader || type == kFrame) return id;
    if (!(header & 2)) return -1;  // without a size it is the last one
    uint64_t size = 0;
    for (int i = 0;; ++i) {
      if (i == 8 || at == frame.size()) return -1;
      size |= uint64_t{frame[at] & 0x7fu} << (7 * i);
      if (!(frame[at++] & 0x80)) break;
    }
    if (size > frame.size() - at) return -1;
    at += size;
  }
  return -1;
}

}  // namespace

int TemporalIdOf(webrtc::VideoCodecType codec, std::span<const uint8_t> frame) {
  switch (codec) {
    case webrtc::kVideoCodecH264: return OfH264(frame);
    case webrtc::kVideoCodecAV1: return OfAv1(frame);
    default: return -1;
  }
}

}  // namespace sora
