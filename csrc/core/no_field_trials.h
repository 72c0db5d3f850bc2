// libwebrtc without field trials. Its own webrtc::FieldTrials may exist only once in a process and aborts it otherwise.
#ifndef SORA_CORE_NO_FIELD_TRIALS_H
#define SORA_CORE_NO_FIELD_TRIALS_H

#include "api/field_trials_view.h"

namespace sora {

class NoFieldTrials : public webrtc::FieldTrialsView {
 public:
  std::string Lookup(absl::string_view) const override { return ""; }
};

}  // namespace sora

#endif
