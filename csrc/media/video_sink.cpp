#include "media/video_sink.h"

#include "media/capture_time.h"

namespace sora {

uint32_t VideoSink::Create(std::shared_ptr<Track> track, uint32_t capacity) {
  const auto sink = std::make_shared<VideoSink>(track, capacity);
  const uint32_t handle = Open(kKind, sink);
  sink->handle_ = handle;
  try {
    track->Adopt(handle);
  } catch (...) {
    Drop(kKind, handle);
    throw;
  }
  Engine::Post(track->engine(), [sink] {
    static_cast<webrtc::VideoTrackInterface*>(sink->track_->track().get())->AddOrUpdateSink(sink.get(), {});
  });
  return handle;
}

void VideoSink::Detach(const std::shared_ptr<VideoSink>& sink) {
  Engine::Post(sink->track_->engine(),
               [sink] { static_cast<webrtc::VideoTrackInterface*>(sink->track_->track().get())->RemoveSink(sink.get()); });
}

void VideoSink::OnFrame(const webrtc::VideoFrame& frame) {
  {
    std::lock_guard lock(mutex_);
    if (frames_.size() >= capacity_) {
      frames_.pop_front();
      ++dropped_;
    }
    frames_.push_back(frame);
    if (announced_) return;
    announced_ = true;
  }
  track_->engine()->queue().Push(SORA_EVENT_READABLE, handle_);
}

bool VideoSink::Take(double* info) {
  std::lock_guard lock(mutex_);
  info[SORA_VIDEO_INFO_DROPPED] = dropped_;
  if (frames_.empty()) {
    announced_ = false;
    return false;
  }
  if (held_->load() >= kMaxHeld) {
    // The next picture announces again; until then the newest stay here and the oldest are counted out.
    announced_ = false;
    throw Error(SORA_ERROR_LIMIT, "32 pictures of this sink are held: release some before taking more");
  }
  webrtc::VideoFrame& frame = frames_.front();
  info[SORA_VIDEO_INFO_WIDTH] = frame.width();
  info[SORA_VIDEO_INFO_HEIGHT] = frame.height();
  info[SORA_VIDEO_INFO_ROTATION] = static_cast<int>(frame.rotation());
  info[SORA_VIDEO_INFO_TIMESTAMP_US] = static_cast<double>(frame.timestamp_us());
  info[SORA_VIDEO_INFO_RTP_TIMESTAMP] = frame.timestamp();
  info[SORA_VIDEO_INFO_CAPTURE_TIME_MS] = CaptureTimeMs(frame.packet_infos());
  info[SORA_VIDEO_INFO_FRAME] = Open(VideoFrame::kKind, std::make_shared<VideoFrame>(std::move(frame), held_));
  frames_.pop_front();
  return true;
}

}  // namespace sora
