#include "sora_ffi/track.h"

#include "media/audio_source.h"
#include "media/track.h"
#include "media/video_source.h"

using namespace sora;

SORA_EXPORT int32_t sora_track_set_enabled(uint32_t track_or_source, uint32_t enabled) {
  return Guard([&] {
    Require(enabled <= 1, "enabled must be 0 or 1");
    const auto set = [&](const auto& owner) {
      Engine::Post(owner->engine(), [owner, enabled] { owner->track()->set_enabled(enabled == 1); });
    };
    switch (KindOf(track_or_source)) {
      case Kind::kAudioSource: set(Find<AudioSource>(track_or_source)); break;
      case Kind::kVideoSource: set(Find<VideoSource>(track_or_source)); break;
      default: {
        const auto track = Find<Track>(track_or_source);
        track->SetEnabled(enabled == 1);
        set(track);
      }
    }
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_track_release(uint32_t track) {
  return Guard([&] {
    Track::Release(Take<Track>(track));
    return SORA_OK;
  });
}
