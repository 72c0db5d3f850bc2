// Simulcast with encoders that take no frames below some size: smaller layers are left out and the others go on.
#ifndef SORA_CODECS_LAYER_SIZES_H
#define SORA_CODECS_LAYER_SIZES_H

#include <memory>

#include "api/video_codecs/video_encoder.h"
#include "codecs/engine.h"

namespace sora {

// Wraps libwebrtc's simulcast adapter, which sends nothing at all when one of its encoders refuses its layer. What the rate
// allocator gives a layer that is left out is not used: it has settings of its own.
std::unique_ptr<webrtc::VideoEncoder> LeaveOutSmallLayers(std::unique_ptr<webrtc::VideoEncoder> adapter, SizeLimits limits);

}  // namespace sora

#endif
