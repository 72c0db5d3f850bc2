#include "media/video_sink.h"

#include "media/capture_time.h"
#include "rtc_base/time_utils.h"

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
    // The track may have ended in between.
    if (const auto track = sink->track())
      static_cast<webrtc::VideoTrackInterface*>(track->track().get())->AddOrUpdateSink(sink.get(), {});
  });
  return handle;
}

std::shared_ptr<Track> VideoSink::track() {
  std::lock_guard lock(mutex_);
  return track_;
}

void VideoSink::Detach(const std::shared_ptr<VideoSink>& sink, bool ended) {
  std::shared_ptr<Track> track;
  {
    std::lock_guard lock(sink->mutex_);
    track = std::move(sink->track_);
  }
  if (!track) return;
  const auto engine = track->engine();
  Engine::Post(engine, [sink, track = std::move(track), ended] {
    static_cast<webrtc::VideoTrackInterface*>(track->track().get())->RemoveSink(sink.get());
    if (ended) sink->queue_->Push(SORA_EVENT_ENDED, sink->handle_);
  });
}

void VideoSink::OnFrame(const webrtc::VideoFrame& frame) {
  {
    std::lock_guard lock(mutex_);
    if (frames_.size() >= capacity_) {
      frames_.pop_front();
      ++dropped_;
    }
    frames_.emplace_back(frame, clock_.TimeUs(frame.timestamp(), rtc::TimeMicros()));
    if (announced_) return;
    announced_ = true;
  }
  queue_->Push(SORA_EVENT_READABLE, handle_);
}

bool VideoSink::Take(double* info) {
  std::lock_guard lock(mutex_);
  info[SORA_VIDEO_INFO_DROPPED] = dropped_;
  if (frames_.empty()) {
    announced_ = false;
    return false;
  }
  // When it cannot be taken, the next picture announces again; until then the newest stay and the oldest are counted out.
  announced_ = false;
  if (held_->load() >= kMaxHeld)
    throw Error(SORA_ERROR_LIMIT, "32 pictures of this sink are held: release some before taking more");
  const auto& [frame, time_us] = frames_.front();
  info[SORA_VIDEO_INFO_WIDTH] = frame.width();
  info[SORA_VIDEO_INFO_HEIGHT] = frame.height();
  info[SORA_VIDEO_INFO_ROTATION] = static_cast<int>(frame.rotation());
  info[SORA_VIDEO_INFO_TIMESTAMP_US] = static_cast<double>(time_us);
  info[SORA_VIDEO_INFO_RTP_TIMESTAMP] = frame.timestamp();
  info[SORA_VIDEO_INFO_CAPTURE_TIME_MS] = CaptureTimeMs(frame.packet_infos());
  info[SORA_VIDEO_INFO_FRAME] = Open(VideoFrame::kKind, std::make_shared<VideoFrame>(frame, held_));
  frames_.pop_front();
  announced_ = true;
  return true;
}

}  // namespace sora
