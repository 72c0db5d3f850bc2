// libwebrtc's video engine with fewer lists of codecs: it makes them anew for each connection and for each media description.
#ifndef SORA_RUNTIME_VIDEO_ENGINE_H
#define SORA_RUNTIME_VIDEO_ENGINE_H

#include <memory>

#include "media/base/media_engine.h"
#include "pc/media_factory.h"

namespace sora {

// `engine` with lists of codecs that are made once, and with channels that hold none of codecs that nobody has negotiated. Over
// factories whose formats stay the same.
std::unique_ptr<cricket::MediaEngineInterface> ShareVideoCodecs(std::unique_ptr<cricket::MediaEngineInterface> engine);

// `media` with such engines.
std::unique_ptr<webrtc::MediaFactory> ShareVideoCodecs(std::unique_ptr<webrtc::MediaFactory> media);

}  // namespace sora

#endif
