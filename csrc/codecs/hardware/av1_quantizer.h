// The quantizer of an AV1 frame, out of its header (AV1 Bitstream & Decoding Process Specification, 5.5 and 5.9): drivers do not tell it.
#ifndef SORA_CODECS_HARDWARE_AV1_QUANTIZER_H
#define SORA_CODECS_HARDWARE_AV1_QUANTIZER_H

#include <cstdint>
#include <optional>

#include "api/array_view.h"
#include "rtc_base/bitstream_reader.h"

namespace sora {

// Reads the frames of one stream in their order.
class Av1Quantizer {
 public:
  // base_q_idx, 0 to 255, of the first frame of a temporal unit; nothing when there is none, or for what no encoder of real-time
  // video writes: still pictures, decoder models, frames of a size of their own.
  std::optional<int> Read(rtc::ArrayView<const uint8_t> temporal_unit);

 private:
  // Of the sequence header.
  struct Sequence {
    bool decoder_model, equal_interval, frame_ids, large_blocks, order_hints, ref_frame_mvs, superres;
    int time_bits, width_bits, height_bits, width, height, frame_id_bits, delta_frame_id_bits, order_hint_bits;
    int screen_content, integer_mv;  // 2: each frame says so
  };
  struct Frame;

  static std::optional<Sequence> ReadSequence(webrtc::BitstreamReader& bits);
  std::optional<int> ReadFrame(webrtc::BitstreamReader& bits) const;
  bool ReadReferences(webrtc::BitstreamReader& bits, const Frame& frame) const;
  bool SkipSize(webrtc::BitstreamReader& bits, const Frame& frame) const;
  void SkipTiles(webrtc::BitstreamReader& bits) const;

  std::optional<Sequence> sequence_;
};

}  // namespace sora

#endif
