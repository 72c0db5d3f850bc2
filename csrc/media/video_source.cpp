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

bool VideoTrackSource::Push(const VideoLayout& layout, const uint8_t* data, int64_t timestamp_us) {
  std::lock_guard lock(mutex_);
  const int64_t now_us = rtc::TimeMicros();
  const int64_t time_us = timestamp_us < 0 ? now_us : aligner_.TranslateTimestamp(timestamp_us, now_us);
  int width, height, crop_width, crop_height, crop_x, crop_y;
  if (!AdaptFrame(layout.width, layout.height, time_us, &width, &height, &crop_width, &crop_height, &crop_x, &crop_y))
    return false;
  rtc::scoped_refptr<webrtc::I420Buffer> buffer = pool_.CreateI420Buffer(layout.width, layout.height);
  if (!buffer) {
    OnFrameDropped();
    return false;
  }
  Convert(layout, data, *buffer);
  if (width != layout.width || height != layout.height) {
    rtc::scoped_refptr<webrtc::I420Buffer> scaled = scaled_pool_.CreateI420Buffer(width, height);
    if (!scaled) {
      OnFrameDropped();
      return false;
    }
    scaled->CropAndScaleFrom(*buffer, crop_x, crop_y, crop_width, crop_height);
    buffer = std::move(scaled);
  }
  OnFrame(webrtc::VideoFrame::Builder()
              .set_video_frame_buffer(std::move(buffer))
              .set_timestamp_us(time_us)
              .set_rotation(webrtc::kVideoRotation_0)
              .build());
  return true;
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
