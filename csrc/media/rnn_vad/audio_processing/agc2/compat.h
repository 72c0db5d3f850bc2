// The sources of the layers expect this header, and some names of a newer libwebrtc than ours: functions in its namespace, and
// another name of ArrayView::subview.
#ifndef SORA_MEDIA_RNN_VAD_COMPAT_H
#define SORA_MEDIA_RNN_VAD_COMPAT_H

#include "api/function_view.h"
#include "rtc_base/checks.h"
#include "rtc_base/numerics/safe_conversions.h"

namespace webrtc {
using rtc::CheckedDivExact;
using rtc::dchecked_cast;
using rtc::FunctionView;
}  // namespace webrtc

#define subspan subview

#endif
