// The field trials of libwebrtc that this library sets. libwebrtc's own webrtc::FieldTrials aborts the process if it exists twice.
#ifndef SORA_CORE_FIELD_TRIALS_H
#define SORA_CORE_FIELD_TRIALS_H

#include "api/field_trials_view.h"

namespace sora {

class FieldTrials : public webrtc::FieldTrialsView {
 public:
  FieldTrials() : FieldTrials(false) {}
  // sync: whether received audio and video are synchronised.
  explicit FieldTrials(bool sync) : sync_(sync) {}

  std::string Lookup(absl::string_view key) const override {
    // A frame is delivered as soon as it is complete. libwebrtc would delay it for even playback, which a program can do by the
    // timestamps. To synchronise it with audio, libwebrtc needs its own delay.
    if (key == "WebRTC-ForcePlayoutDelay" && !sync_) return "min_ms:0,max_ms:0";
    return "";
  }

 private:
  const bool sync_;
};

}  // namespace sora

#endif
