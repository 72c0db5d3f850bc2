// The objects behind sora_video_sink_* and sora_video_frame_*: the newest pictures of a remote track, converted on demand.
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

// What a sink and the pictures that it handed out share. A picture may outlive its sink, and be released on any thread.
class HeldFrames {
 public:
  explicit HeldFrames(std::shared_ptr<EventQueue> queue)
      : queue_(std::move(queue)), turned_pool_(false, /*max_number_of_buffers=*/4) {}

  void SetSink(uint32_t handle) { sink_ = handle; }

  // False when 32 are held: the next release reports SORA_EVENT_READABLE then.
  bool Hold();
  void Release();

  // For a picture that is turned on its way; reused.
  rtc::scoped_refptr<webrtc::I420Buffer> TurnedBuffer(int width, int height);

 private:
  static constexpr int kMax = 32;

  const std::shared_ptr<EventQueue> queue_;
  uint32_t sink_ = 0;  // set before there are pictures
  std::mutex mutex_;
  int held_ = 0;
  bool refused_ = false;
  webrtc::VideoFrameBufferPool turned_pool_;
};

// A picture that JavaScript holds. It needs nothing of libwebrtc's threads and may outlive everything else.
class VideoFrame : public Object {
 public:
  static constexpr Kind kKind = Kind::kVideoFrame;

  // `held` counts it already.
  VideoFrame(webrtc::VideoFrame frame, int64_t time_us, std::shared_ptr<HeldFrames> held)
      : frame_(std::move(frame)), time_us_(time_us), held_(std::move(held)) {}
  ~VideoFrame() override { held_->Release(); }

  const webrtc::VideoFrame& frame() const { return frame_; }
  int64_t time_us() const { return time_us_; }
  // Sent to another realm, or taken in by it.
  void Transfer() { in_transit_ = !in_transit_; }
  bool in_transit() const override { return in_transit_; }

  // Fills in all of sora_video_info but the handle and what was dropped.
  void Describe(double* info) const;

  // Converts it, turned upright when that is asked for; the layout's size is the one that it has then.
  void Copy(bool upright, const VideoLayout& layout, uint8_t* to) const;

 private:
  const webrtc::VideoFrame frame_;
  const int64_t time_us_;
  std::atomic<bool> in_transit_{false};
  const std::shared_ptr<HeldFrames> held_;
};

class VideoSink : public Object, public rtc::VideoSinkInterface<webrtc::VideoFrame> {
 public:
  static constexpr Kind kKind = Kind::kVideoSink;

  VideoSink(std::shared_ptr<Track> track, uint32_t capacity)
      : queue_(track->engine()->queue().shared_from_this()),
        capacity_(capacity),
        held_(std::make_shared<HeldFrames>(queue_)),
        track_(std::move(track)) {}

  static uint32_t Create(std::shared_ptr<Track> track, uint32_t capacity);

  // Takes the oldest picture; false when there is none.
  bool Take(double* info);

  // Pictures that were dropped since it was made.
  double dropped();

  // Leaves the track, on the signaling thread, and reports SORA_EVENT_ENDED behind the last that came of it when `ended`; what
  // is there can still be taken. A sink that is left open holds nothing of libwebrtc's threads from then on.
  static void Detach(const std::shared_ptr<VideoSink>& sink, bool ended);
  void Abandon(std::shared_ptr<Object> self, uint32_t) override {
    Detach(std::static_pointer_cast<VideoSink>(self), /*ended=*/false);
  }

  void OnFrame(const webrtc::VideoFrame& frame) override;

 private:
  // The track, unless it was left.
  std::shared_ptr<Track> track();

  const std::shared_ptr<EventQueue> queue_;
  const size_t capacity_;
  uint32_t handle_ = 0;
  const std::shared_ptr<HeldFrames> held_;
  std::mutex mutex_;
  std::shared_ptr<Track> track_;
  RtpClock clock_;
  std::deque<std::pair<webrtc::VideoFrame, int64_t>> frames_;  // with their time in microseconds
  double dropped_ = 0;
  bool announced_ =
      false;  // SORA_EVENT_READABLE is out, or comes with a release, and the sink was not read until empty since
};

}  // namespace sora

#endif
