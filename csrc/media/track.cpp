#include "media/track.h"

#include <utility>

namespace sora {

void Track::Adopt(const std::shared_ptr<TrackSink>& sink) {
  std::lock_guard lock(mutex_);
  if (ended_) throw Error(SORA_ERROR_CLOSED, "the track has ended");
  std::erase_if(sinks_, [](const auto& other) { return other.expired(); });
  sinks_.push_back(sink);
}

void Track::End() {
  std::vector<std::weak_ptr<TrackSink>> sinks;
  {
    std::lock_guard lock(mutex_);
    if (ended_) return;
    ended_ = true;
    sinks = std::move(sinks_);
  }
  for (const auto& weak : sinks)
    if (const auto sink = weak.lock()) sink->Detach(/*ended=*/true);
}

void Track::Release(std::shared_ptr<Track> track) {
  track->End();
  const auto runtime = track->runtime_;
  Runtime::Post(runtime, [track = std::move(track)] {});
}

TrackSink::TrackSink(std::shared_ptr<Track> track)
    : queue_(track->runtime()->queue().shared_from_this()), track_(std::move(track)) {}

uint32_t TrackSink::Attach(Kind kind) {
  const auto self = shared_from_this();
  const auto track = track_;
  handle_ = Open(kind, self);
  try {
    track->Adopt(self);
  } catch (...) {
    TakeIfOpen(handle_);
    throw;
  }
  Runtime::Post(track->runtime(), [self] {
    std::shared_ptr<Track> attached;
    {
      std::lock_guard lock(self->mutex_);
      attached = self->track_;
    }
    // The track may have ended in between.
    if (attached) self->AddTo(*attached->track());
  });
  return handle_;
}

void TrackSink::Detach(bool ended) {
  std::shared_ptr<Track> track;
  {
    std::lock_guard lock(mutex_);
    track = std::move(track_);
  }
  if (!track) return;
  const auto runtime = track->runtime();
  Runtime::Post(runtime, [self = shared_from_this(), track = std::move(track), ended] {
    self->RemoveFrom(*track->track());
    if (ended) self->queue_->Push(SORA_EVENT_ENDED, self->handle_);
  });
}

void TrackSink::Announce(std::unique_lock<std::mutex> lock) {
  if (announced_) return;
  announced_ = true;
  lock.unlock();
  queue_->Push(SORA_EVENT_READABLE, handle_);
}

}  // namespace sora
