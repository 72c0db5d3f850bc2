// The objects behind sora_video_sink_* and sora_video_frame_*: the newest pictures of a remote track, converted on demand.
#ifndef SORA_MEDIA_VIDEO_SINK_H
#define SORA_MEDIA_VIDEO_SINK_H

#include <atomic>
#include <deque>
#include <mutex>

#include "api/video/video_frame.h"
#include "api/video/video_sink_interface.h"
#include "core/object.h"
#include "media/rtp_clock.h"
#include "media/track.h"
#include "media/video_format.h"

namespace sora {

// A picture that JavaScript holds. It needs nothing of libwebrtc's threads and may outlive everything else.
class VideoFrame : public Object {
 public:
  static constexpr Kind kKind = Kind::kVideoFrame;

  VideoFrame(webrtc::VideoFrame frame, std::shared_ptr<std::atomic<int>> held)
      : frame_(std::move(frame)), held_(std::move(held)) {
    held_->fetch_add(1);
  }
  ~VideoFrame() override { held_->fetch_sub(1); }

  const webrtc::VideoFrame& frame() const { return frame_; }

 private:
  const webrtc::VideoFrame frame_;
  const std::shared_ptr<std::atomic<int>> held_;
};

class VideoSink : public Object, public rtc::VideoSinkInterface<webrtc::VideoFrame> {
 public:
  static constexpr Kind kKind = Kind::kVideoSink;

  VideoSink(std::shared_ptr<Track> track, uint32_t capacity)
      : queue_(track->engine()->queue().shared_from_this()), capacity_(capacity), track_(std::move(track)) {}

  static uint32_t Create(std::shared_ptr<Track> track, uint32_t capacity);

  // Takes the oldest picture; false when there is none.
  bool Take(double* info);

  // Leaves the track, on the signaling thread, and reports SORA_EVENT_ENDED behind the last that came of it when `ended`; what
  // is there can still be taken. A sink that is left open holds nothing of libwebrtc's threads from then on.
  static void Detach(const std::shared_ptr<VideoSink>& sink, bool ended);

  void OnFrame(const webrtc::VideoFrame& frame) override;

 private:
  static constexpr int kMaxHeld = 32;

  // The track, unless it was left.
  std::shared_ptr<Track> track();

  const std::shared_ptr<EventQueue> queue_;
  const size_t capacity_;
  uint32_t handle_ = 0;
  const std::shared_ptr<std::atomic<int>> held_ = std::make_shared<std::atomic<int>>(0);
  std::mutex mutex_;
  std::shared_ptr<Track> track_;
  RtpClock clock_;
  std::deque<std::pair<webrtc::VideoFrame, int64_t>> frames_;  // with their time in microseconds
  double dropped_ = 0;
  bool announced_ = false;  // SORA_EVENT_READABLE is out and the sink was not read until empty since
};

}  // namespace sora

#endif
