// The switches of libwebrtc that this library sets. libwebrtc's own webrtc::FieldTrials may exist only once in a process and
// aborts it otherwise.
#ifndef SORA_CORE_FIELD_TRIALS_H
#define SORA_CORE_FIELD_TRIALS_H

#include "api/field_trials_view.h"

namespace sora {

class FieldTrials : public webrtc::FieldTrialsView {
 public:
  std::string Lookup(absl::string_view key) const override {
    // A picture is decoded as soon as it is complete: a program wants it now. libwebrtc would hold it back until it can be
    // shown evenly and in time with the sound; who wants that has the timestamps.
    if (key == "WebRTC-ForcePlayoutDelay") return "min_ms:0,max_ms:0";
    return "";
  }
};

}  // namespace sora

#endif
