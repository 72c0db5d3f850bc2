#include "media/video_sink.h"

#include "codecs/lent_frame.h"
#include "runtime/capture_clock.h"
#include "rtc_base/time_utils.h"

namespace sora {

bool HeldFrames::Hold() {
  std::lock_guard lock(mutex_);
  refused_ = held_ >= kMax;
  if (!refused_) ++held_;
  return !refused_;
}

void HeldFrames::Release() {
  {
    std::lock_guard lock(mutex_);
    --held_;
    if (!refused_) return;
    refused_ = false;
  }
  queue_->Push(SORA_EVENT_READABLE, sink_);
}

rtc::scoped_refptr<webrtc::I420Buffer> HeldFrames::RotatedBuffer(int width, int height) {
  std::lock_guard lock(mutex_);
  auto buffer = rotated_pool_.CreateI420Buffer(width, height);
  return buffer ? buffer : webrtc::I420Buffer::Create(width, height);
}

void VideoFrame::Describe(double* info) const {
  info[SORA_VIDEO_INFO_WIDTH] = frame_.width();
  info[SORA_VIDEO_INFO_HEIGHT] = frame_.height();
  info[SORA_VIDEO_INFO_ROTATION] = static_cast<int>(frame_.rotation());
  info[SORA_VIDEO_INFO_TIMESTAMP_US] = static_cast<double>(time_us_);
  info[SORA_VIDEO_INFO_RTP_TIMESTAMP] = frame_.timestamp();
  info[SORA_VIDEO_INFO_CAPTURE_TIME_MS] = CaptureTimeMs(frame_.packet_infos());
}

void VideoFrame::Copy(bool upright, const VideoLayout& layout, uint8_t* to) const {
  const auto buffer = frame_.video_frame_buffer();
  const auto copy = [&](const webrtc::I420BufferInterface& i420) { Copy(i420, upright, layout, to); };
  if (LentFrame* const lent = LentFrame::Of(*buffer)) return lent->Read(copy);
  const auto i420 = buffer->ToI420();
  if (!i420) throw Error(SORA_ERROR_INTERNAL, "the frame's pixels cannot be read");
  copy(*i420);
}

void VideoFrame::Copy(const webrtc::I420BufferInterface& i420, bool upright, const VideoLayout& layout, uint8_t* to) const {
  const auto rotation = frame_.rotation();
  if (!upright || rotation == webrtc::kVideoRotation_0) return Convert(i420, layout, to);
  if (layout.format == SORA_VIDEO_FORMAT_I420) return Rotate(i420, rotation, layout, to);
  const auto rotated = held_->RotatedBuffer(layout.width, layout.height);
  Rotate(i420, rotation, *rotated);
  Convert(*rotated, layout, to);
}

uint32_t VideoSink::Create(std::shared_ptr<Track> track, uint32_t capacity) {
  return std::make_shared<VideoSink>(std::move(track), capacity)->Attach(kKind);
}

void VideoSink::AddTo(webrtc::MediaStreamTrackInterface& track) {
  held_->SetSink(handle());
  static_cast<webrtc::VideoTrackInterface&>(track).AddOrUpdateSink(this, {});
}

void VideoSink::RemoveFrom(webrtc::MediaStreamTrackInterface& track) {
  static_cast<webrtc::VideoTrackInterface&>(track).RemoveSink(this);
}

void VideoSink::OnFrame(const webrtc::VideoFrame& frame) {
  std::unique_lock lock(mutex_);
  if (frames_.size() >= capacity_) {
    frames_.pop_front();
    ++dropped_;
  }
  frames_.emplace_back(frame, clock_.TimeUs(frame.timestamp(), rtc::TimeMicros()));
  Announce(std::move(lock));
}

double VideoSink::dropped() {
  std::lock_guard lock(mutex_);
  return dropped_;
}

bool VideoSink::Take(double* info) {
  std::lock_guard lock(mutex_);
  info[SORA_VIDEO_INFO_DROPPED] = dropped_;
  if (frames_.empty()) {
    announced_ = false;
    return false;
  }
  // While none can be taken, the newest stay and older ones are dropped and counted. The next release announces again or,
  // if it was handles that ran out, the next frame.
  announced_ = !held_->Hold();
  if (announced_) throw Error(SORA_ERROR_LIMIT, "32 frames of this sink are held: release some before taking more");
  const auto& [frame, time_us] = frames_.front();
  const auto taken = std::make_shared<VideoFrame>(frame, time_us, held_);
  taken->Describe(info);
  info[SORA_VIDEO_INFO_FRAME] = Open(VideoFrame::kKind, taken);
  frames_.pop_front();
  announced_ = true;
  return true;
}

}  // namespace sora
