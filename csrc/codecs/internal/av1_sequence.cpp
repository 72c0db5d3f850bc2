#include "codecs/internal/av1_sequence.h"

#include <aom/aom_decoder.h>
#include <aom/aomdx.h>

#include "codecs/frame_limit.h"

namespace sora {
namespace {

constexpr int kSequenceHeader = 1;
constexpr int kMaxSizeBytes = 8;

}  // namespace

bool AnnouncesTooLargeFrames(const uint8_t* data, size_t size) {
  for (size_t begin = 0; begin < size;) {
    // Between frames libaom takes zeros for padding.
    if (data[begin] == 0) {
      ++begin;
      continue;
    }
    const int type = data[begin] >> 3 & 15;
    const bool extended = (data[begin] & 4) != 0, sized = (data[begin] & 2) != 0;
    size_t at = begin + (extended ? 2 : 1);
    uint64_t length = 0;
    bool more = sized;
    for (int i = 0; more && i < kMaxSizeBytes && at < size; ++i, ++at) {
      length |= uint64_t{data[at] & 0x7fu} << 7 * i;
      more = (data[at] & 0x80) != 0;
    }
    // libaom refuses a unit without a size, or with one that goes beyond the end.
    if (!sized || more || at > size || length > size - at) return false;
    const size_t end = at + static_cast<size_t>(length);
    if (type == kSequenceHeader) {
      aom_codec_stream_info_t info{};
      aom_codec_peek_stream_info(aom_codec_av1_dx(), data + begin, end - begin, &info);
      if (uint64_t{info.w} * info.h > kMaxPixels) return true;
    }
    begin = end;
  }
  return false;
}

}  // namespace sora
