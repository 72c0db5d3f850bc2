// The objects behind sora_video_sink_* and sora_video_frame_*: the newest frames of a remote track, converted on demand.
#ifndef SORA_MEDIA_VIDEO_SINK_H
#define SORA_MEDIA_VIDEO_SINK_H

#include <atomic>
#include <deque>
#include <mutex>

#include "api/video/video_frame.h"
#include "api/video/video_sink_interface.h"
#include "common_video/include/video_frame_buffer_pool.h"
#include "core/object.h"
#include "media/rtp_clock.h"
#include "media/track.h"
#include "media/video_format.h"

namespace sora {

// What a sink and the frames that it handed out share. A frame may outlive its sink, and be released on any thread.
class HeldFrames {
 public:
  explicit HeldFrames(std::shared_ptr<EventQueue> queue)
      : queue_(std::move(queue)), rotated_pool_(false, /*max_number_of_buffers=*/4) {}

  void SetSink(uint32_t handle) { sink_ = handle; }

  // False when 32 frames are held: the next release reports SORA_EVENT_READABLE then.
  bool Hold();
  void Release();

  // For a frame that is rotated while it is copied; reused.
  rtc::scoped_refptr<webrtc::I420Buffer> RotatedBuffer(int width, int height);

 private:
  static constexpr int kMax = 32;

  const std::shared_ptr<EventQueue> queue_;
  uint32_t sink_ = 0;  // set before there are frames
  std::mutex mutex_;
  int held_ = 0;
  bool refused_ = false;
  webrtc::VideoFrameBufferPool rotated_pool_;
};

// A frame that JavaScript holds. It needs no thread of libwebrtc's and may outlive everything else.
class VideoFrame : public Object {
 public:
  static constexpr Kind kKind = Kind::kVideoFrame;

  // `held` already counts it.
  VideoFrame(webrtc::VideoFrame frame, int64_t time_us, std::shared_ptr<HeldFrames> held)
      : frame_(std::move(frame)), time_us_(time_us), held_(std::move(held)) {}
  ~VideoFrame() override { held_->Release(); }

  const webrtc::VideoFrame& frame() const { return frame_; }
  int64_t time_us() const { return time_us_; }
  // Marks the frame as sent to another realm, and when called again, as received there.
  void Transfer() { in_transit_ = !in_transit_; }
  bool in_transit() const override { return in_transit_; }

  // Fills in all of sora_video_info except the handle and the dropped frames.
  void Describe(double* info) const;

  // Converts the frame, rotated for display if `upright`; the layout has the size after rotation.
  void Copy(bool upright, const VideoLayout& layout, uint8_t* to) const;

 private:
  void Copy(const webrtc::I420BufferInterface& i420, bool upright, const VideoLayout& layout, uint8_t* to) const;

  const webrtc::VideoFrame frame_;
  const int64_t time_us_;
  std::atomic<bool> in_transit_{false};
  const std::shared_ptr<HeldFrames> held_;
};

class VideoSink : public TrackSink, public rtc::VideoSinkInterface<webrtc::VideoFrame> {
 public:
  static constexpr Kind kKind = Kind::kVideoSink;

  VideoSink(std::shared_ptr<Track> track, uint32_t capacity)
      : TrackSink(std::move(track)), capacity_(capacity), held_(std::make_shared<HeldFrames>(queue_)) {}

  // Opens a handle. Throws SORA_ERROR_CLOSED when the track has ended.
  static uint32_t Create(std::shared_ptr<Track> track, uint32_t capacity);

  // Takes the oldest frame; false when there is none.
  bool Take(double* info);

  // Frames dropped since the sink was made.
  double dropped();

  void OnFrame(const webrtc::VideoFrame& frame) override;

 private:
  void AddTo(webrtc::MediaStreamTrackInterface& track) override;
  void RemoveFrom(webrtc::MediaStreamTrackInterface& track) override;

  const size_t capacity_;
  const std::shared_ptr<HeldFrames> held_;
  RtpClock clock_;
  std::deque<std::pair<webrtc::VideoFrame, int64_t>> frames_;  // with their time in microseconds
  double dropped_ = 0;
};

}  // namespace sora

#endif
