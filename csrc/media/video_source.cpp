#include "media/video_source.h"

#include <algorithm>

#include "api/task_queue/task_queue_base.h"
#include "rtc_base/helpers.h"
#include "rtc_base/time_utils.h"

namespace sora {
namespace {
// The encoder holds one or two; more than 8 waiting means that it does not keep up. One more is the last frame.
constexpr size_t kPoolSize = 8 + 1;
// A source is still after this long without a frame; nor is the last frame sent again more often.
constexpr int64_t kStillUs = 100'000;
}  // namespace

VideoTrackSource::VideoTrackSource()
    : AdaptedVideoTrackSource(/*required_alignment=*/1), pool_(kPoolSize), scaled_pool_(false, kPoolSize) {}

std::optional<VideoTrackSource::Adapted> VideoTrackSource::Adapt(int width, int height, int64_t timestamp_us) {
  const int64_t now_us = rtc::TimeMicros();
  Adapted a;
  a.time_us = timestamp_us < 0 ? now_us : aligner_.TranslateTimestamp(timestamp_us, now_us);
  // The caller's clock may run slow, and the encoder takes no frame that is not at least 1 ms newer.
  a.time_us = std::max(a.time_us, repeated_us_ + 1'000);
  if (!AdaptFrame(width, height, a.time_us, &a.width, &a.height, &a.crop_width, &a.crop_height, &a.crop_x, &a.crop_y))
    return std::nullopt;
  a.changed = a.width != width || a.height != height;
  return a;
}

rtc::scoped_refptr<webrtc::I420Buffer> VideoTrackSource::Scale(const webrtc::I420BufferInterface& from, const Adapted& a) {
  auto scaled = scaled_pool_.CreateI420Buffer(a.width, a.height);
  if (scaled) scaled->CropAndScaleFrom(from, a.crop_x, a.crop_y, a.crop_width, a.crop_height);
  return scaled;
}

void VideoTrackSource::Keep(rtc::scoped_refptr<webrtc::VideoFrameBuffer> buffer, webrtc::VideoRotation rotation) {
  pushed_us_ = rtc::TimeMicros();
  if (forgotten_ || !buffer) return;
  last_ = std::move(buffer);
  last_rotation_ = rotation;
}

bool VideoTrackSource::Deliver(rtc::scoped_refptr<webrtc::VideoFrameBuffer> buffer, webrtc::VideoRotation rotation,
                               int64_t time_us) {
  if (!buffer) {
    OnFrameDropped();
    return false;
  }
  // Of two frames in one millisecond the encoder takes the first; if it is still busy when the second comes, neither.
  if (time_us / 1'000 <= delivered_ms_) crowded_.store(true, std::memory_order_relaxed);
  delivered_ms_ = time_us / 1'000;
  OnFrame(webrtc::VideoFrame::Builder()
              .set_video_frame_buffer(std::move(buffer))
              .set_timestamp_us(time_us)
              .set_rotation(rotation)
              .build());
  return true;
}

bool VideoTrackSource::Push(const VideoLayout& layout, const uint8_t* data, webrtc::VideoRotation rotation,
                            int64_t timestamp_us) {
  std::lock_guard lock(mutex_);
  const auto adapted = Adapt(layout.width, layout.height, timestamp_us);
  rtc::scoped_refptr<webrtc::VideoFrameBuffer> buffer;
  if (adapted && adapted->changed && layout.format == SORA_VIDEO_FORMAT_I420) {
    buffer = Scale(*Wrap(layout, data), *adapted);
  } else if (const auto whole = pool_.Take(layout.width, layout.height)) {
    Convert(layout, data, *whole);
    buffer = whole;
    if (adapted && adapted->changed) buffer = Scale(*whole, *adapted);
  }
  // Even if nobody receives it yet: a receiver that joins before the next frame sees it.
  Keep(buffer, rotation);
  return adapted && Deliver(std::move(buffer), rotation, adapted->time_us);
}

bool VideoTrackSource::Push(const webrtc::VideoFrame& frame, int64_t timestamp_us) {
  auto buffer = frame.video_frame_buffer();
  // Whoever sends keeps frames for longer than a decoder lends them.
  if (buffer->type() == webrtc::VideoFrameBuffer::Type::kNative) buffer = buffer->ToI420();
  std::lock_guard lock(mutex_);
  Keep(buffer, frame.rotation());
  return Send(buffer, frame.rotation(), timestamp_us);
}

bool VideoTrackSource::Send(rtc::scoped_refptr<webrtc::VideoFrameBuffer> buffer, webrtc::VideoRotation rotation,
                            int64_t timestamp_us) {
  const auto adapted = Adapt(buffer->width(), buffer->height(), timestamp_us);
  if (!adapted) return false;
  if (adapted->changed) {
    const auto i420 = buffer->ToI420();
    buffer = i420 ? Scale(*i420, *adapted) : nullptr;
  } else if (rotation != webrtc::kVideoRotation_0 && buffer->type() != webrtc::VideoFrameBuffer::Type::kI420) {
    buffer = buffer->ToI420();  // libwebrtc rotates no other pixels
  }
  return Deliver(std::move(buffer), rotation, adapted->time_us);
}

void VideoTrackSource::RequestRefreshFrame() {
  std::lock_guard lock(mutex_);
  requested_us_ = rtc::TimeMicros();
  if (!last_ || answering_) return;
  const int64_t wait_us = std::max(pushed_us_, repeated_us_) + kStillUs - requested_us_;
  if (wait_us <= 0) return Answer();
  answering_ = true;
  webrtc::TaskQueueBase::Current()->PostDelayedTask(
      [self = rtc::scoped_refptr<VideoTrackSource>(this)] {
        std::lock_guard lock(self->mutex_);
        self->answering_ = false;
        self->Answer();
      },
      webrtc::TimeDelta::Micros(wait_us));
}

void VideoTrackSource::Answer() {
  if (!last_ || pushed_us_ > requested_us_) return;
  repeated_us_ = rtc::TimeMicros();
  Send(last_, last_rotation_, -1);
}

void VideoTrackSource::Forget() {
  std::lock_guard lock(mutex_);
  forgotten_ = true;
  last_ = nullptr;
}

VideoSource::VideoSource(std::shared_ptr<Runtime> runtime)
    : runtime_(std::move(runtime)), source_(rtc::make_ref_counted<VideoTrackSource>()) {
  track_ = runtime_->factory().CreateVideoTrack(source_, rtc::CreateRandomUuid());
  if (!track_) throw Error(SORA_ERROR_INTERNAL, "libwebrtc made no video track");
}

void VideoSource::Close(std::shared_ptr<VideoSource> source) {
  const auto runtime = source->runtime_;
  Runtime::Post(runtime, [source = std::move(source)] { source->source_->Forget(); });
}

}  // namespace sora
