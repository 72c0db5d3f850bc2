// A stream of RTP that looks like video of 1280x720 with 30 frames/s and 2.5 Mbit/s.
#ifndef SORA_BENCH_LOAD_VIDEO_H
#define SORA_BENCH_LOAD_VIDEO_H

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>

namespace load {

// How a stream of the publisher's is written, as the offer and the answer agree.
struct VideoSettings {
  uint32_t ssrc = 0;
  uint8_t payload_type = 0;
  std::string mid;
  uint8_t mid_extension = 0;       // 0: none
  uint8_t sequence_extension = 0;  // of the transport-wide sequence number; 0: none
};

// Packets with the time of sending in them: 26 for 3 frames, paced like libwebrtc's: three at a time, two milliseconds apart.
class Video {
 public:
  static constexpr size_t kPacket = 1200;

  Video(const VideoSettings& settings, int64_t begin_ns);

  // Goes on with a frame at this time, after a pause.
  void Resume(int64_t begin_ns);

  // When the next packet is due.
  int64_t due_ns() const { return due_ns_; }
  // Writes the next packet, which has kPacket bytes.
  void Write(std::span<uint8_t> packet, int64_t now_ns);

  // A sender report of now.
  std::array<uint8_t, 28> Report(int64_t now_ns) const;

  uint64_t sent() const { return sent_; }
  // The time of sending of a packet of any such stream.
  static std::optional<int64_t> SentAt(std::span<const uint8_t> packet);

 private:
  std::array<uint8_t, 64> header_{};
  size_t header_size_ = 12;
  size_t sequence_at_ = 0;
  uint32_t ssrc_;
  uint16_t sequence_ = 1000;
  uint16_t transport_sequence_ = 0;
  uint32_t timestamp_ = 90'000;
  uint32_t frame_ = 0;
  uint32_t in_frame_ = 0;
  uint64_t sent_ = 0;
  int64_t begin_ns_;
  int64_t due_ns_;
};

}  // namespace load

#endif
