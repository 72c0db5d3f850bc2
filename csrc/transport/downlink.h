// What goes down to one peer under transport-wide sequence numbers: their numbering, the estimate of the path, pacing, and probes.
#ifndef SORA_TRANSPORT_DOWNLINK_H
#define SORA_TRANSPORT_DOWNLINK_H

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "transport/bandwidth.h"
#include "transport/pacer.h"
#include "transport/sent_packets.h"

namespace sora {

struct DownlinkFigures {
  uint32_t held = 0;              // packets that had to wait
  uint32_t dropped = 0;           // packets that could not, because too many did
  uint32_t padding = 0;           // packets of probes
  uint32_t feedback = 0;          // feedback that was taken
  uint32_t refused_feedback = 0;  // feedback that was malformed
};

// A machine: times are microseconds of a monotonic clock.
class Downlink {
 public:
  // What the sender of a packet says of it besides where the number goes.
  enum class Kind : uint8_t { kVideo = 0, kAudio = 1 };

  // A packet with the offset of its number. True when it goes now: its numbers were written, and OnProtected follows. False when it
  // is kept for later, or dropped.
  bool Admit(std::span<uint8_t> packet, size_t number_at, Kind kind, int64_t now_us);
  // The packet that was admitted or taken last is this large on the wire.
  void OnProtected(size_t size, int64_t now_us);

  // The next packet that waited, or that a probe needs, and that goes now; written to `to`, which has room for the largest. 0: none.
  // OnProtected follows.
  size_t Take(std::span<uint8_t> to, int64_t now_us);
  // When there is something to do.
  std::optional<int64_t> NextUs(int64_t now_us);

  // A compound packet of the peer's.
  void OnRtcp(std::span<const uint8_t> compound, int64_t now_us);

  // Names the retransmission stream that probes go on, the number that it goes on with, and the identifier of the header extension of
  // transport-wide numbers. Of that stream, all packets are numbered here.
  void SetPadding(uint32_t ssrc, uint8_t payload_type, uint16_t sequence, uint8_t extension);
  // Nothing is sent under this SSRC any more.
  void Forget(uint32_t ssrc) {
    if (padding_ && padding_->ssrc == ssrc) padding_.reset();
  }
  void Want(int64_t wanted);

  // The estimate in bit/s if it has changed so much that its owner is to be told, not more often than ten times a second.
  std::optional<uint32_t> TakeReport(int64_t now_us);

  // Null before the first feedback.
  const Bandwidth* bandwidth() const { return bandwidth_.get(); }
  const DownlinkFigures& figures() const { return figures_; }

 private:
  struct Padding {
    uint32_t ssrc;
    uint8_t payload_type;
    uint16_t sequence;
    uint8_t extension;
  };
  void Number(uint8_t* packet, size_t number_at);
  size_t WritePadding(std::span<uint8_t> to);

  SentPackets sent_;
  Pacer pacer_;
  std::unique_ptr<Bandwidth> bandwidth_;
  std::optional<Padding> padding_;
  uint32_t timestamp_ = 0;  // of the latest video
  int64_t wanted_ = 0;
  DownlinkFigures figures_;
  // Of the packet that OnProtected is about.
  Kind kind_ = Kind::kVideo;
  int32_t probe_ = 0;
  // The probe at hand: what is left of it, and what was sent.
  std::optional<Bandwidth::Due> probing_;
  size_t probed_ = 0;
  int64_t reported_us_ = 0;
  int64_t reported_ = 0;
};

}  // namespace sora

#endif
