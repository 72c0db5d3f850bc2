// How much the path to a peer carries, as far as its transport-wide feedback shows: libwebrtc's own congestion control (delay gradient
// and loss), and probes that find out whether it carries more.
#ifndef SORA_TRANSPORT_BANDWIDTH_H
#define SORA_TRANSPORT_BANDWIDTH_H

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "api/rtc_event_log/rtc_event_log.h"
#include "api/transport/network_control.h"
#include "core/field_trials.h"
#include "modules/pacing/bitrate_prober.h"
#include "transport/probe.h"
#include "transport/sent_packets.h"

namespace sora {

class Bandwidth {
 public:
  // Bounds of the estimate, in bit/s.
  static constexpr int64_t kLeast = 50'000, kMost = 200'000'000;
  // What the path is believed to carry before feedback says something else, unless more is wanted.
  static constexpr int64_t kStart = 1'000'000;

  // wanted: see Want.
  Bandwidth(int64_t wanted, int64_t now_us);
  ~Bandwidth();

  // What would be sent if the path carried it, in bit/s: probes do not go far beyond.
  void Want(int64_t wanted) { wanted_ = wanted; }
  // Bytes have been sent, which later feedback is about.
  void OnSent(size_t bytes, int64_t now_us);
  void OnFeedback(std::span<const SentPackets::Acknowledged> acknowledged, size_t in_flight, int64_t now_us);
  // To be called now and then while packets are sent.
  void Process(int64_t now_us);

  // bit/s
  int64_t target() const { return target_; }
  int64_t pacing_rate() const { return pacing_rate_; }
  int64_t round_trip_us() const { return round_trip_us_; }
  // Share of packets that are lost, 0 to 1.
  double loss() const { return loss_; }

  // Whether feedback still comes.
  bool heard(int64_t now_us) const;
  // When the next packets of a probe are to be sent, or a probe is to begin.
  std::optional<int64_t> NextProbeUs(int64_t now_us) const;
  // The probe that packets are to be sent of now, at least so many bytes.
  struct Due {
    int32_t id;
    size_t bytes;
  };
  std::optional<Due> ProbeNow(int64_t now_us);
  // The number of the probe that is on its way, of which media that is sent now is part; 0: none is.
  int32_t probing() const { return prober_.is_probing() && probe_ ? probe_->info().probe_cluster_id : 0; }
  // So many bytes of it were sent.
  void OnProbeSent(size_t bytes, int64_t now_us);

 private:
  void Take(const webrtc::NetworkControlUpdate& update);
  // Begins a probe if there is a reason to.
  void BeginProbe(int64_t now_us);
  bool WantsProbe() const { return wanted_ > 0 && target_ < wanted_; }
  void JudgeProbe(int64_t now_us);

  FieldTrials trials_;
  webrtc::RtcEventLogNull event_log_;
  std::unique_ptr<webrtc::NetworkControllerInterface> control_;
  webrtc::BitrateProber prober_;
  int64_t wanted_;
  int64_t target_ = 0;
  int64_t pacing_rate_ = 0;
  int64_t round_trip_us_ = 0;
  double loss_ = 0;
  size_t sent_bytes_ = 0;  // that control_ was not told of yet
  int64_t processed_us_ = 0;
  int64_t feedback_us_ = 0;
  int32_t next_probe_ = 1;
  std::optional<Probe> probe_;  // the latest
  int64_t probe_due_us_;
  int64_t probe_pause_us_;
  int64_t probe_ms_;  // how long the next probe lasts
  // While the outcome of a probe is waited for: what was believed before it, and until when.
  int64_t before_probe_ = 0;
  int64_t judge_us_ = 0;
  int64_t recovered_us_ = 0;  // when a probe was asked for because of a fall
};

}  // namespace sora

#endif
