// The level of encoded audio, in -dBov from 0 to 127 (RFC 6464), for frame transformers: this libwebrtc does not pass it with its
// frames. It passes a frame on the thread, and within the call, in which the frame was encoded or its packet was received, so the
// level is remembered there.
#ifndef SORA_RUNTIME_AUDIO_LEVEL_H
#define SORA_RUNTIME_AUDIO_LEVEL_H

#include <memory>
#include <optional>

#include "api/audio_codecs/audio_encoder_factory.h"
#include "api/frame_transformer_interface.h"
#include "api/rtc_event_log/rtc_event_log_factory_interface.h"
#include "api/scoped_refptr.h"

namespace sora {

// Encoders of `factory` that measure the level of what they encode, as libwebrtc does for the packet.
rtc::scoped_refptr<webrtc::AudioEncoderFactory> MeasureLevels(rtc::scoped_refptr<webrtc::AudioEncoderFactory> factory);

// An event log that only remembers the level of the packet being received (RTP extension ssrc-audio-level).
std::unique_ptr<webrtc::RtcEventLogFactoryInterface> CreateLevelLogFactory();

// The level of the audio frame that libwebrtc is passing on this thread; empty when unknown.
std::optional<int> TakeAudioLevel(const webrtc::TransformableFrameInterface& frame);

}  // namespace sora

#endif
