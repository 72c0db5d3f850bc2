// The timers of libwebrtc's Calls, which are due every 100 ms for as long as a connection exists, whether or not it has media.
#ifndef SORA_RUNTIME_CALL_TIMERS_H
#define SORA_RUNTIME_CALL_TIMERS_H

#include <memory>

#include "pc/media_factory.h"
#include "runtime/timer_thread.h"

namespace sora {

// `media` with Calls whose timers are relaxed on `thread`, libwebrtc's worker thread.
std::unique_ptr<webrtc::MediaFactory> RelaxCallTimers(std::unique_ptr<webrtc::MediaFactory> media, TimerThread& thread);

}  // namespace sora

#endif
