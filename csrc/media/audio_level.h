// How loud encoded audio is, in -dBov from 0 to 127 (RFC 6464), for frame transformers: this libwebrtc does not tell it of the
// frames that it hands over. It hands a frame over on the thread, and in the call, in which the frame was encoded or its packet
// came, so that is where the level is remembered.
#ifndef SORA_MEDIA_AUDIO_LEVEL_H
#define SORA_MEDIA_AUDIO_LEVEL_H

#include <memory>
#include <optional>

#include "api/audio_codecs/audio_encoder_factory.h"
#include "api/frame_transformer_interface.h"
#include "api/rtc_event_log/rtc_event_log_factory_interface.h"
#include "api/scoped_refptr.h"

namespace sora {

// Encoders of `factory` that measure what they encode, as libwebrtc measures it for the packet.
rtc::scoped_refptr<webrtc::AudioEncoderFactory> MeasureLevels(rtc::scoped_refptr<webrtc::AudioEncoderFactory> factory);

// A log of events that writes nothing down but the level of the packet that comes just now (RTP extension ssrc-audio-level).
std::unique_ptr<webrtc::RtcEventLogFactoryInterface> CreateLevelLogFactory();

// The level of a frame of audio that libwebrtc hands over on this thread just now; nothing when it is not known.
std::optional<int> TakeAudioLevel(const webrtc::TransformableFrameInterface& frame);

}  // namespace sora

#endif
