#include "peer/send_limits.h"

#include <algorithm>
#include <numeric>

#include "media/base/media_constants.h"

namespace sora {
namespace {

void Lower(double& allowed, double other) {
  if (other > 0) allowed = allowed > 0 ? std::min(allowed, other) : other;
}

}  // namespace

void SendLimits::Take(cricket::SessionDescription& offer) {
  allowed_.clear();
  for (auto& content : offer.contents()) {
    cricket::MediaContentDescription& media = *content.media_description();
    if (media.type() != cricket::MEDIA_TYPE_VIDEO) continue;
    double allowed = media.bandwidth();
    media.set_bandwidth(cricket::kAutoBandwidth);
    std::vector<cricket::Codec> codecs = media.codecs();
    for (auto& codec : codecs) {
      int kbps = 0;
      if (codec.GetParam(cricket::kCodecParamMaxBitrate, &kbps)) Lower(allowed, kbps * 1000.0);
      codec.RemoveParam(cricket::kCodecParamMaxBitrate);
    }
    media.set_codecs(codecs);
    if (allowed > 0 && !content.rejected) allowed_[content.mid()] = allowed;
  }
}

void SendLimits::Request(const std::string& mid, const std::vector<webrtc::RtpEncodingParameters>& encodings) {
  std::vector<Requested>& requested = requested_[mid];
  requested.clear();
  for (const auto& encoding : encodings) requested.push_back({encoding.min_bitrate_bps, encoding.max_bitrate_bps});
}

bool SendLimits::Apply(const std::string& mid, webrtc::RtpParameters& parameters) const {
  const auto found = requested_.find(mid);
  if (found == requested_.end()) return false;
  std::vector<Requested> requested = found->second;
  requested.resize(parameters.encodings.size());
  // Simulcast: in proportion to the requested maxima or, without them, to the pixels.
  const bool all_requested =
      std::all_of(requested.begin(), requested.end(), [](const Requested& one) { return one.max_bitrate_bps > 0; });
  std::vector<double> weights;
  for (size_t i = 0; i < requested.size(); ++i) {
    const auto& encoding = parameters.encodings[i];
    const double scale = encoding.scale_resolution_down_by.value_or(1);
    weights.push_back(!encoding.active ? 0 : all_requested ? *requested[i].max_bitrate_bps : 1 / (scale * scale));
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  const auto allowed = allowed_.find(mid);
  bool changed = false;
  for (size_t i = 0; i < requested.size(); ++i) {
    auto [min, max] = requested[i];
    if (allowed != allowed_.end() && weights[i] > 0) {
      const int share = std::max(1, static_cast<int>(allowed->second * weights[i] / sum));
      max = max > 0 ? std::min(*max, share) : share;
      if (min) min = std::min(*min, *max);
    }
    auto& encoding = parameters.encodings[i];
    changed |= encoding.min_bitrate_bps != min || encoding.max_bitrate_bps != max;
    encoding.min_bitrate_bps = min;
    encoding.max_bitrate_bps = max;
  }
  return changed;
}

}  // namespace sora
