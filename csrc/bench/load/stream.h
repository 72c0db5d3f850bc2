// A stream of RTP of a constant rate: audio with its level, or one layer of simulcast video.
#ifndef SORA_BENCH_LOAD_STREAM_H
#define SORA_BENCH_LOAD_STREAM_H

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace load {

// How a stream is written. Extensions have one byte (RFC 8285); an id of 0 leaves one out.
struct StreamSettings {
  uint32_t ssrc = 0;
  uint8_t payload_type = 0;
  std::string mid;
  uint8_t mid_extension = 0;
  std::string rid;
  uint8_t rid_extension = 0;
  uint8_t level = 127;  // in -dBov (RFC 6464)
  uint8_t level_extension = 0;
  uint8_t sequence_extension = 0;  // of the transport-wide sequence number
  uint32_t clock_rate = 90'000;
  bool video = false;
  size_t bytes = 0;      // of a packet
  uint32_t packets = 1;  // of a frame
  int64_t interval_ns = 0;
};

class Stream {
 public:
  // Above the size of any header.
  static constexpr size_t kMinPacket = 72;
  static constexpr size_t kMaxPacket = 1200;

  Stream(const StreamSettings& settings, int64_t begin_ns);

  // When the next frame is due.
  int64_t due_ns() const { return due_ns_; }
  // Packets of a frame that are still to be written once it is due.
  uint32_t packets() const { return settings_.packets; }
  // Writes the next packet of a frame and returns its size. Of video, each frame is a key frame in VP8 (RFC 7741): a receiver can
  // be switched to it at any time.
  size_t Write(std::span<uint8_t> packet, uint16_t transport_sequence);

 private:
  void Extend(uint8_t id, std::span<const uint8_t> value);

  const StreamSettings settings_;
  std::array<uint8_t, kMinPacket> header_{};
  size_t header_size_ = 12;
  size_t sequence_at_ = 0;
  uint16_t sequence_ = 1000;
  uint32_t timestamp_ = 90'000;
  uint16_t picture_ = 0;
  uint32_t in_frame_ = 0;
  int64_t due_ns_;
};

}  // namespace load

#endif
