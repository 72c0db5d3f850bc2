// The object behind sora_video_source_*: converts the caller's frames to I420 in pooled buffers and passes them to libwebrtc.
#ifndef SORA_MEDIA_VIDEO_SOURCE_H
#define SORA_MEDIA_VIDEO_SOURCE_H

#include <atomic>
#include <mutex>
#include <optional>

#include "api/media_stream_interface.h"
#include "common_video/include/video_frame_buffer_pool.h"
#include "core/object.h"
#include "media/base/adapted_video_track_source.h"
#include "media/frame_buffers.h"
#include "media/video_format.h"
#include "runtime/runtime.h"
#include "rtc_base/timestamp_aligner.h"

namespace sora {

class VideoTrackSource : public rtc::AdaptedVideoTrackSource {
 public:
  VideoTrackSource();

  // False when libwebrtc wants fewer frames, or holds all buffers of the pool.
  bool Push(const VideoLayout& layout, const uint8_t* data, webrtc::VideoRotation rotation, int64_t timestamp_us);
  // The same with a received frame, whose pixels are shared.
  bool Push(const webrtc::VideoFrame& frame, int64_t timestamp_us);

  // On a thread of libwebrtc's: sends the last frame again, unless another follows shortly. Without it a requested key frame
  // would have to wait for the next frame, which may never come: encoders keep none.
  void RequestRefreshFrame() override;
  // No frame is sent again from now on.
  void Forget();
  // Whether the encoder skips a frame that was sent since the last call because it came within a millisecond of another.
  bool TakeCrowded() { return crowded_.exchange(false, std::memory_order_relaxed); }

  SourceState state() const override { return kLive; }
  bool remote() const override { return false; }
  bool is_screencast() const override { return false; }
  absl::optional<bool> needs_denoising() const override { return false; }

 private:
  // What libwebrtc wants of a frame.
  struct Adapted {
    int64_t time_us;
    int width, height, crop_x, crop_y, crop_width, crop_height;
    bool changed;  // its size
  };

  // All with the mutex locked. Empty: libwebrtc wants fewer frames.
  std::optional<Adapted> Adapt(int width, int height, int64_t timestamp_us);
  // Null: libwebrtc holds all buffers of the pool.
  rtc::scoped_refptr<webrtc::I420Buffer> Scale(const webrtc::I420BufferInterface& from, const Adapted& adapted);
  // Keeps a frame as the last one; null: libwebrtc holds all buffers of the pool.
  void Keep(rtc::scoped_refptr<webrtc::VideoFrameBuffer> buffer, webrtc::VideoRotation rotation);
  bool Send(rtc::scoped_refptr<webrtc::VideoFrameBuffer> buffer, webrtc::VideoRotation rotation, int64_t timestamp_us);
  // Without a buffer: false, and counted as dropped.
  bool Deliver(rtc::scoped_refptr<webrtc::VideoFrameBuffer> buffer, webrtc::VideoRotation rotation, int64_t time_us);

  // Sends the last frame again if none came since the request.
  void Answer();

  std::mutex mutex_;
  FrameBufferPool pool_;
  webrtc::VideoFrameBufferPool scaled_pool_;
  rtc::TimestampAligner aligner_;
  // The last frame, in the size that libwebrtc wanted at the time.
  rtc::scoped_refptr<webrtc::VideoFrameBuffer> last_;
  webrtc::VideoRotation last_rotation_ = webrtc::kVideoRotation_0;
  int64_t pushed_us_ = 0, repeated_us_ = 0, requested_us_ = 0;
  int64_t delivered_ms_ = 0;
  std::atomic<bool> crowded_{false};
  bool answering_ = false;  // Answer will be called
  bool forgotten_ = false;
};

class VideoSource : public Object {
 public:
  static constexpr Kind kKind = Kind::kVideoSource;

  explicit VideoSource(std::shared_ptr<Runtime> runtime);

  // As VideoTrackSource::Push. The last of several simultaneous frames is not lost: it is sent again if no other follows.
  template <typename... Frame>
  bool Push(const Frame&... frame) {
    const bool sent = source_->Push(frame...);
    if (source_->TakeCrowded()) Runtime::Post(runtime_, [source = source_] { source->RequestRefreshFrame(); });
    return sent;
  }
  const std::shared_ptr<Runtime>& runtime() const { return runtime_; }
  const rtc::scoped_refptr<webrtc::VideoTrackInterface>& track() const { return track_; }

  // Releases a source that was taken out of the table, on the signaling thread.
  static void Close(std::shared_ptr<VideoSource> source);
  void Abandon(std::shared_ptr<Object> self, uint32_t) override { Close(std::static_pointer_cast<VideoSource>(self)); }

 private:
  const std::shared_ptr<Runtime> runtime_;  // outlives what follows
  const rtc::scoped_refptr<VideoTrackSource> source_;
  rtc::scoped_refptr<webrtc::VideoTrackInterface> track_;
};

}  // namespace sora

#endif
