#include "sora_ffi/track.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <type_traits>

#include "api/arguments.h"
#include "media/audio_source.h"
#include "media/track.h"
#include "media/video_source.h"

using namespace sora;

namespace {

// Calls body with the object that owns the track.
template <typename Body>
void WithOwner(uint32_t track_or_source, Body&& body) {
  switch (KindOf(track_or_source)) {
    case Kind::kAudioSource: return body(Find<AudioSource>(track_or_source));
    case Kind::kVideoSource: return body(Find<VideoSource>(track_or_source));
    default: return body(Find<Track>(track_or_source));
  }
}

}  // namespace

SORA_EXPORT int32_t sora_track_set_enabled(uint32_t track_or_source, uint32_t enabled) {
  return Guard([&] {
    RequireFlag("enabled", enabled);
    if (KindOf(track_or_source) == Kind::kTrack) Find<Track>(track_or_source)->SetEnabled(enabled == 1);
    WithOwner(track_or_source, [&](const auto& owner) {
      Runtime::Post(owner->runtime(), [owner, enabled] {
        owner->track()->set_enabled(enabled == 1);
        // So that a still frame turns black, or back.
        if constexpr (std::is_same_v<std::decay_t<decltype(*owner)>, VideoSource>) owner->track()->RequestRefreshFrame();
      });
    });
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_track_id(uint32_t track_or_source, uint8_t* buffer, uint32_t size) {
  return Guard([&] {
    std::string id;
    WithOwner(track_or_source, [&](const auto& owner) { id = owner->track()->id(); });
    if (buffer) std::memcpy(buffer, id.data(), std::min<size_t>(size, id.size()));
    return static_cast<int32_t>(id.size());
  });
}

SORA_EXPORT int32_t sora_track_release(uint32_t track) {
  return Guard([&] {
    Track::Release(Take<Track>(track));
    return SORA_OK;
  });
}
