#include "transport/bandwidth.h"

#include <algorithm>
#include <utility>

#include "api/transport/goog_cc_factory.h"

namespace sora {
namespace {

using webrtc::DataRate;
using webrtc::DataSize;
using webrtc::TimeDelta;
using webrtc::Timestamp;

// Least time between two updates that no feedback leads to.
constexpr int64_t kProcessUs = 25'000;

// Without feedback for so long, nothing is probed: nothing would tell the outcome.
constexpr int64_t kSilentUs = 1'000'000;

// After a probe whose outcome was more than was known, the next one follows soon; after one without, the pause grows.
constexpr int64_t kShortestPauseUs = 300'000, kFirstPauseUs = 1'000'000, kLongestPauseUs = 3'000'000;
// Feedback on a probe comes within a round trip and the interval of feedback.
constexpr int64_t kOutcomeUs = 500'000;
// What the outcome must be of what was known before, to be called more.
constexpr double kMore = 1.15;

// After a fall to less than such a share, a probe follows soon, but not after each of several.
constexpr double kFall = 0.92;
constexpr int64_t kRecoverUs = 500'000, kRecoverAgainUs = 2'000'000;

// A probe is for so much of what is known, less for one that lasts, and of what is wanted.
constexpr double kOfKnown = 2.0, kOfKnownLong = 1.6, kOfWanted = 1.2;
constexpr int kProbePackets = 5;
// How long it lasts at first. Each without an outcome is followed by one that lasts longer: jitter makes short ones look slow.
constexpr int64_t kShortestMs = 15, kLongestMs = 60;

}  // namespace

Bandwidth::Bandwidth(int64_t wanted, int64_t now_us)
    : prober_(trials_),
      wanted_(wanted),
      probe_due_us_(now_us + kFirstPauseUs),
      probe_pause_us_(kFirstPauseUs),
      probe_ms_(kShortestMs) {
  webrtc::NetworkControllerConfig config;
  config.key_value_config = &trials_;
  config.event_log = &event_log_;
  config.constraints.at_time = Timestamp::Micros(now_us);
  config.constraints.min_data_rate = DataRate::BitsPerSec(kLeast);
  config.constraints.max_data_rate = DataRate::BitsPerSec(kMost);
  config.constraints.starting_rate = DataRate::BitsPerSec(std::clamp(wanted, kStart, kMost));
  webrtc::GoogCcFactoryConfig factory_config;
  factory_config.feedback_only = true;
  control_ = webrtc::GoogCcNetworkControllerFactory(std::move(factory_config)).Create(config);
  prober_.SetEnabled(true);
  prober_.SetAllowProbeWithoutMediaPacket(true);
  webrtc::NetworkAvailability available;
  available.at_time = Timestamp::Micros(now_us);
  available.network_available = true;
  Take(control_->OnNetworkAvailability(available));
  processed_us_ = now_us - kProcessUs;
  feedback_us_ = now_us;
  Process(now_us);
}

Bandwidth::~Bandwidth() = default;

void Bandwidth::Take(const webrtc::NetworkControlUpdate& update) {
  // Its own probes are for senders that know from the beginning what they will send.
  if (update.pacer_config) pacing_rate_ = update.pacer_config->data_rate().bps();
  if (!update.target_rate) return;
  target_ = update.target_rate->target_rate.bps();
  loss_ = update.target_rate->network_estimate.loss_rate_ratio;
  const TimeDelta round_trip = update.target_rate->network_estimate.round_trip_time;
  if (round_trip.IsFinite()) round_trip_us_ = round_trip.us();
}

void Bandwidth::OnSent(size_t bytes, int64_t now_us) {
  sent_bytes_ += bytes;
  if (now_us - processed_us_ >= kProcessUs) Process(now_us);
}

void Bandwidth::Process(int64_t now_us) {
  if (now_us - processed_us_ < kProcessUs) return;
  processed_us_ = now_us;
  if (sent_bytes_ > 0) {
    webrtc::SentPacket sent;
    sent.send_time = Timestamp::Micros(now_us);
    sent.size = DataSize::Bytes(static_cast<int64_t>(std::exchange(sent_bytes_, 0)));
    Take(control_->OnSentPacket(sent));
  }
  webrtc::ProcessInterval interval;
  interval.at_time = Timestamp::Micros(now_us);
  Take(control_->OnProcessInterval(interval));
  JudgeProbe(now_us);
}

void Bandwidth::OnFeedback(std::span<const SentPackets::Acknowledged> acknowledged, size_t in_flight, int64_t now_us) {
  if (acknowledged.empty()) return;
  feedback_us_ = now_us;
  webrtc::TransportPacketsFeedback feedback;
  feedback.feedback_time = Timestamp::Micros(now_us);
  feedback.prior_in_flight = feedback.data_in_flight = DataSize::Bytes(static_cast<int64_t>(in_flight));
  feedback.packet_feedbacks.reserve(acknowledged.size());
  const auto is_of_probe = [&](const SentPackets::Acknowledged& one) {
    return one.probe && probe_ && probe_->info().probe_cluster_id == one.probe && one.result.IsReceived();
  };
  for (const auto& one : acknowledged)
    if (is_of_probe(one)) probe_->Add(one.result);
  // One that shows less than is known is no probe.
  const auto result = probe_ ? probe_->Result() : std::nullopt;
  const bool useful = probe_ && (!probe_->complete() || (result && result->bps() > target_));
  for (const auto& one : acknowledged) {
    webrtc::PacketResult& packet = feedback.packet_feedbacks.emplace_back(one.result);
    if (useful && is_of_probe(one)) packet.sent_packet.pacing_info = probe_->info();
  }
  Process(now_us);
  const int64_t before = target_;
  Take(control_->OnTransportPacketsFeedback(std::move(feedback)));
  JudgeProbe(now_us);
  // Congestion that has passed, or was none, shows in a short probe.
  const bool fell = static_cast<double>(target_) < static_cast<double>(before) * kFall;
  if (!fell || now_us - recovered_us_ < kRecoverAgainUs) return;
  recovered_us_ = now_us;
  probe_ms_ = kShortestMs;
  probe_due_us_ = now_us + kRecoverUs;
}

void Bandwidth::JudgeProbe(int64_t now_us) {
  if (judge_us_ == 0) return;
  const bool more = static_cast<double>(target_) >= static_cast<double>(before_probe_) * kMore;
  if (!more && now_us < judge_us_) return;
  judge_us_ = 0;
  probe_pause_us_ = more ? kShortestPauseUs : std::clamp(probe_pause_us_ * 3 / 2, kFirstPauseUs, kLongestPauseUs);
  probe_ms_ = more ? probe_ms_ : probe_ms_ == kLongestMs ? kShortestMs : std::min(probe_ms_ * 2, kLongestMs);
  probe_due_us_ = now_us + probe_pause_us_;
}

bool Bandwidth::heard(int64_t now_us) const { return now_us - feedback_us_ <= kSilentUs; }

std::optional<int64_t> Bandwidth::NextProbeUs(int64_t now_us) const {
  if (prober_.is_probing()) {
    const Timestamp next = prober_.NextProbeTime(Timestamp::Micros(now_us));
    return next.IsFinite() ? std::max(next.us(), now_us) : now_us;
  }
  if (judge_us_ != 0) return judge_us_;
  if (!WantsProbe() || !heard(now_us)) return std::nullopt;
  return std::max(probe_due_us_, now_us);
}

void Bandwidth::BeginProbe(int64_t now_us) {
  if (prober_.is_probing() || judge_us_ != 0 || now_us < probe_due_us_ || !WantsProbe() || !heard(now_us)) return;
  const double rate = std::min(static_cast<double>(target_) * (probe_ms_ == kLongestMs ? kOfKnownLong : kOfKnown),
                               static_cast<double>(wanted_) * kOfWanted);
  webrtc::ProbeClusterConfig cluster;
  cluster.at_time = Timestamp::Micros(now_us);
  cluster.target_data_rate = DataRate::BitsPerSec(static_cast<int64_t>(rate));
  cluster.target_duration = TimeDelta::Millis(probe_ms_);
  cluster.target_probe_count = kProbePackets;
  cluster.id = next_probe_++;
  prober_.CreateProbeCluster(cluster);
  before_probe_ = target_;
  judge_us_ = now_us + probe_ms_ * 1000 + kOutcomeUs + round_trip_us_;
}

std::optional<Bandwidth::Due> Bandwidth::ProbeNow(int64_t now_us) {
  BeginProbe(now_us);
  if (!prober_.is_probing()) return std::nullopt;
  const Timestamp now = Timestamp::Micros(now_us);
  if (prober_.NextProbeTime(now) > now) return std::nullopt;
  const auto cluster = prober_.CurrentCluster(now);
  if (!cluster) return std::nullopt;
  if (!probe_ || probe_->info().probe_cluster_id != cluster->probe_cluster_id) probe_.emplace(*cluster);
  probe_->Set(*cluster);
  return Due{cluster->probe_cluster_id, static_cast<size_t>(prober_.RecommendedMinProbeSize().bytes())};
}

void Bandwidth::OnProbeSent(size_t bytes, int64_t now_us) {
  prober_.ProbeSent(Timestamp::Micros(now_us), DataSize::Bytes(static_cast<int64_t>(bytes)));
}

}  // namespace sora
