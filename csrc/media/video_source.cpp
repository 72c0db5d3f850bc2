#include "media/video_source.h"

#include "rtc_base/helpers.h"
#include "rtc_base/time_utils.h"

namespace sora {
namespace {
// The encoder holds one or two; more than this many waiting means that it does not keep up.
constexpr size_t kPoolSize = 8;
}  // namespace

VideoTrackSource::VideoTrackSource()
    : AdaptedVideoTrackSource(/*required_alignment=*/1), pool_(false, kPoolSize), scaled_pool_(false, kPoolSize) {}

std::optional<VideoTrackSource::Adapted> VideoTrackSource::Adapt(int width, int height, int64_t timestamp_us) {
  const int64_t now_us = rtc::TimeMicros();
  Adapted a;
  a.time_us = timestamp_us < 0 ? now_us : aligner_.TranslateTimestamp(timestamp_us, now_us);
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

bool VideoTrackSource::Deliver(rtc::scoped_refptr<webrtc::VideoFrameBuffer> buffer, webrtc::VideoRotation rotation,
                               int64_t time_us) {
  if (!buffer) {
    OnFrameDropped();
    return false;
  }
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
  if (!adapted) return false;
  if (adapted->changed && layout.format == SORA_VIDEO_FORMAT_I420)
    return Deliver(Scale(*Wrap(layout, data), *adapted), rotation, adapted->time_us);
  auto buffer = pool_.CreateI420Buffer(layout.width, layout.height);
  if (buffer) Convert(layout, data, *buffer);
  if (buffer && adapted->changed) buffer = Scale(*buffer, *adapted);
  return Deliver(std::move(buffer), rotation, adapted->time_us);
}

bool VideoTrackSource::Push(const webrtc::VideoFrame& frame, int64_t timestamp_us) {
  std::lock_guard lock(mutex_);
  const auto adapted = Adapt(frame.width(), frame.height(), timestamp_us);
  if (!adapted) return false;
  auto buffer = frame.video_frame_buffer();
  if (adapted->changed) {
    const auto i420 = buffer->ToI420();
    buffer = i420 ? Scale(*i420, *adapted) : nullptr;
  } else if (frame.rotation() != webrtc::kVideoRotation_0 && buffer->type() != webrtc::VideoFrameBuffer::Type::kI420) {
    buffer = buffer->ToI420();  // where the pixels must be turned, libwebrtc turns no others
  }
  return Deliver(std::move(buffer), frame.rotation(), adapted->time_us);
}

VideoSource::VideoSource(std::shared_ptr<Engine> engine)
    : engine_(std::move(engine)), source_(rtc::make_ref_counted<VideoTrackSource>()) {
  track_ = engine_->factory().CreateVideoTrack(source_, rtc::CreateRandomUuid());
  if (!track_) throw Error(SORA_ERROR_INTERNAL, "libwebrtc made no video track");
}

void VideoSource::Close(std::shared_ptr<VideoSource> source) {
  const auto engine = source->engine_;
  Engine::Post(engine, [source = std::move(source)] {});
}

}  // namespace sora
