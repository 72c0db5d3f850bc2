#include "media/track.h"

#include <algorithm>

#include "media/audio_sink.h"
#include "media/video_sink.h"

namespace sora {
namespace {

std::shared_ptr<Object> Sink(uint32_t handle) noexcept {
  try {
    return Find(KindOf(handle), handle);
  } catch (const Error&) {
    return nullptr;
  }
}

}  // namespace

void Track::Adopt(uint32_t sink) {
  std::lock_guard lock(mutex_);
  if (ended_) throw Error(SORA_ERROR_CLOSED, "the track has ended");
  sinks_.erase(std::remove_if(sinks_.begin(), sinks_.end(), [](uint32_t h) { return !IsOpen(h); }), sinks_.end());
  sinks_.push_back(sink);
}

void Track::End() {
  std::vector<uint32_t> sinks;
  {
    std::lock_guard lock(mutex_);
    if (ended_) return;
    ended_ = true;
    sinks = std::move(sinks_);
  }
  for (const uint32_t handle : sinks) {
    if (const auto sink = Sink(handle)) {
      if (video_) {
        VideoSink::Detach(std::static_pointer_cast<VideoSink>(sink), /*ended=*/true);
      } else {
        AudioSink::Detach(std::static_pointer_cast<AudioSink>(sink), /*ended=*/true);
      }
    }
  }
}

void Track::Release(std::shared_ptr<Track> track) {
  track->End();
  const auto engine = track->engine_;
  Engine::Post(engine, [track = std::move(track)] {});
}

}  // namespace sora
