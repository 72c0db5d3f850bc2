// What one probe has shown.
#ifndef SORA_TRANSPORT_PROBE_H
#define SORA_TRANSPORT_PROBE_H

#include <algorithm>
#include <optional>

#include "api/transport/network_types.h"

namespace sora {

// The same arithmetic as in webrtc::ProbeBitrateEstimator, which takes the result of any probe for the truth: one that is slow for
// other reasons than the path (jitter, media that goes with it) would lower the estimate. Here it is known first.
class Probe {
 public:
  explicit Probe(const webrtc::PacedPacketInfo& info) : info_(info) {}

  const webrtc::PacedPacketInfo& info() const { return info_; }
  void Set(const webrtc::PacedPacketInfo& info) { info_ = info; }

  // One of its packets has arrived.
  void Add(const webrtc::PacketResult& packet) {
    const webrtc::SentPacket& sent = packet.sent_packet;
    if (count_ == 0 || sent.send_time < first_sent_) first_sent_ = sent.send_time;
    if (count_ == 0 || sent.send_time > last_sent_) {
      last_sent_ = sent.send_time;
      size_last_ = sent.size;
    }
    if (count_ == 0 || packet.receive_time < first_received_) {
      first_received_ = packet.receive_time;
      size_first_ = sent.size;
    }
    if (count_ == 0 || packet.receive_time > last_received_) last_received_ = packet.receive_time;
    ++count_;
    total_ += sent.size;
  }

  // Whether enough of it has arrived to say something.
  bool complete() const {
    return count_ >= info_.probe_cluster_min_probes * kEnough &&
           static_cast<double>(total_.bytes()) >= info_.probe_cluster_min_bytes * kEnough;
  }

  // What the path carries according to it.
  std::optional<webrtc::DataRate> Result() const {
    const webrtc::TimeDelta sending = last_sent_ - first_sent_, receiving = last_received_ - first_received_;
    const webrtc::TimeDelta none = webrtc::TimeDelta::Zero(), longest = webrtc::TimeDelta::Seconds(1);
    if (!complete() || sending <= none || receiving <= none || sending > longest || receiving > longest) return std::nullopt;
    const webrtc::DataRate sent = (total_ - size_last_) / sending, received = (total_ - size_first_) / receiving;
    if (received > sent * 2) return std::nullopt;
    return received < sent * 0.9 ? received * 0.95 : std::min(sent, received);
  }

 private:
  static constexpr double kEnough = 0.8;

  webrtc::PacedPacketInfo info_;
  int count_ = 0;
  webrtc::DataSize total_ = webrtc::DataSize::Zero(), size_last_ = total_, size_first_ = total_;
  webrtc::Timestamp first_sent_ = webrtc::Timestamp::Zero(), last_sent_ = first_sent_, first_received_ = first_sent_,
                    last_received_ = first_sent_;
};

}  // namespace sora

#endif
