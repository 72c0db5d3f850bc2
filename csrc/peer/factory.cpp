#include "peer/factory.h"

#include <algorithm>

#include "media/audio_source.h"
#include "media/video_source.h"
#include "peer/peer.h"

namespace sora {
namespace {

void CloseChild(uint32_t handle) noexcept {
  try {
    switch (KindOf(handle)) {
      case Kind::kPeer: Take<Peer>(handle)->Close(); break;
      case Kind::kAudioSource: AudioSource::Close(Take<AudioSource>(handle)); break;
      case Kind::kVideoSource: VideoSource::Close(Take<VideoSource>(handle)); break;
      default: break;
    }
  } catch (const Error&) {
    // Closed already.
  }
}

}  // namespace

std::shared_ptr<Engine> Factory::engine() {
  std::lock_guard lock(mutex_);
  if (!engine_) throw Error(SORA_ERROR_CLOSED, "the factory is closed");
  return engine_;
}

void Factory::Adopt(uint32_t child) {
  std::unique_lock lock(mutex_);
  if (!engine_) {
    lock.unlock();
    CloseChild(child);
    throw Error(SORA_ERROR_CLOSED, "the factory is closed");
  }
  // Children that were closed by themselves are forgotten now and then, so that the list does not grow for ever.
  if (children_.size() >= 64 && (children_.size() & (children_.size() - 1)) == 0)
    children_.erase(std::remove_if(children_.begin(), children_.end(), [](uint32_t h) { return !IsOpen(h); }),
                    children_.end());
  children_.push_back(child);
}

void Factory::Close(uint32_t handle) {
  std::shared_ptr<Engine> engine;
  std::vector<uint32_t> children;
  {
    std::lock_guard lock(mutex_);
    engine = std::move(engine_);
    engine_ = nullptr;
    children = std::move(children_);
  }
  for (const uint32_t child : children) CloseChild(child);
  if (engine) engine->OnClosed(handle);
}

}  // namespace sora
