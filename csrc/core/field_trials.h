// The switches of libwebrtc that this library sets. libwebrtc's own webrtc::FieldTrials may exist only once in a process and
// aborts it otherwise.
#ifndef SORA_CORE_FIELD_TRIALS_H
#define SORA_CORE_FIELD_TRIALS_H

#include "api/field_trials_view.h"

namespace sora {

class FieldTrials : public webrtc::FieldTrialsView {
 public:
  FieldTrials() : FieldTrials(false) {}
  // sync: whether received audio and video are played in time with each other.
  explicit FieldTrials(bool sync) : sync_(sync) {}

  std::string Lookup(absl::string_view key) const override {
    // A frame is decoded as soon as it is complete: a program wants it now. libwebrtc would hold it back until it can be
    // shown evenly; who wants that has the timestamps. To hold it back until its audio is heard, libwebrtc needs its own delay.
    if (key == "WebRTC-ForcePlayoutDelay" && !sync_) return "min_ms:0,max_ms:0";
    return "";
  }

 private:
  const bool sync_;
};

}  // namespace sora

#endif
