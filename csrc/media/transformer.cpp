#include "media/transformer.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "runtime/audio_level.h"
#include "rtc_base/time_utils.h"
#include "sora_ffi/transformer.h"

namespace sora {
namespace {

using Direction = webrtc::TransformableFrameInterface::Direction;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Appends as much of a list as fits after the lists before, and writes its length at `count`.
template <typename Numbers>
void List(const Numbers& numbers, int count, std::span<double> info) {
  const double before = info[SORA_TRANSFORMER_INFO_DEPENDENCIES] + info[SORA_TRANSFORMER_INFO_CONTRIBUTING_SOURCES];
  const auto room = info.subspan(SORA_TRANSFORMER_INFO_COUNT + static_cast<size_t>(before));
  const size_t length = std::min(room.size(), numbers.size());
  for (size_t i = 0; i < length; ++i) room[i] = static_cast<double>(numbers[i]);
  info[static_cast<size_t>(count)] = static_cast<double>(length);
}

}  // namespace

webrtc::TransformableFrameInterface& EncodedFrame::frame() {
  if (!frame_) throw Error(SORA_ERROR_CLOSED, "the encoded frame is closed");
  return *frame_;
}

uint32_t EncodedFrame::Data(uint8_t* buffer, uint32_t size) {
  std::lock_guard lock(mutex_);
  const auto data = frame().GetData();
  if (size) std::memcpy(buffer, data.data(), std::min<size_t>(size, data.size()));
  return static_cast<uint32_t>(data.size());
}

void EncodedFrame::SetData(const uint8_t* data, uint32_t size) {
  std::lock_guard lock(mutex_);
  frame().SetData(rtc::ArrayView<const uint8_t>(data, size));
}

std::unique_ptr<webrtc::TransformableFrameInterface> EncodedFrame::Release() {
  std::lock_guard lock(mutex_);
  frame();
  return std::move(frame_);
}

std::string EncodedFrame::MimeType() {
  std::lock_guard lock(mutex_);
  return frame().GetMimeType();
}

void EncodedFrame::Describe(std::span<double> info) {
  std::lock_guard lock(mutex_);
  auto& f = frame();
  info[SORA_TRANSFORMER_INFO_SIZE] = static_cast<double>(f.GetData().size());
  info[SORA_TRANSFORMER_INFO_DIRECTION] = f.GetDirection() == Direction::kSender     ? SORA_FRAME_DIRECTION_SENDER
                                          : f.GetDirection() == Direction::kReceiver ? SORA_FRAME_DIRECTION_RECEIVER
                                                                                     : SORA_FRAME_DIRECTION_UNKNOWN;
  info[SORA_TRANSFORMER_INFO_PAYLOAD_TYPE] = f.GetPayloadType();
  info[SORA_TRANSFORMER_INFO_SSRC] = f.GetSsrc();
  info[SORA_TRANSFORMER_INFO_RTP_TIMESTAMP] = f.GetTimestamp();
  std::fill(&info[SORA_TRANSFORMER_INFO_AUDIO_TYPE], &info[SORA_TRANSFORMER_INFO_DEPENDENCIES], kUnknown);
  info[SORA_TRANSFORMER_INFO_DEPENDENCIES] = info[SORA_TRANSFORMER_INFO_CONTRIBUTING_SOURCES] = 0;
  if (video_)
    DescribeVideo(static_cast<webrtc::TransformableVideoFrameInterface&>(f), info);
  else
    DescribeAudio(static_cast<webrtc::TransformableAudioFrameInterface&>(f), info);
}

void EncodedFrame::DescribeAudio(webrtc::TransformableAudioFrameInterface& f, std::span<double> info) const {
  using Type = webrtc::TransformableAudioFrameInterface::FrameType;
  const auto direction = f.GetDirection();
  info[SORA_TRANSFORMER_INFO_AUDIO_TYPE] = f.Type() == Type::kAudioFrameSpeech ? SORA_AUDIO_FRAME_TYPE_SPEECH
                                           : f.Type() == Type::kAudioFrameCN   ? SORA_AUDIO_FRAME_TYPE_CN
                                                                               : SORA_AUDIO_FRAME_TYPE_EMPTY;
  if (const auto number = f.SequenceNumber()) info[SORA_TRANSFORMER_INFO_SEQUENCE_NUMBER] = *number;
  // libwebrtc provides it for sent audio only, in milliseconds on its own clock.
  if (const auto time = f.AbsoluteCaptureTimestamp(); time && direction == Direction::kSender)
    info[SORA_TRANSFORMER_INFO_CAPTURE_TIME_MS] =
        static_cast<double>(static_cast<int64_t>(*time) + rtc::TimeUTCMillis() - rtc::TimeMillis());
  if (direction == Direction::kReceiver) info[SORA_TRANSFORMER_INFO_RECEIVE_TIME_MS] = static_cast<double>(received_ms_);
  if (audio_level_) info[SORA_TRANSFORMER_INFO_AUDIO_LEVEL] = *audio_level_;
  List(f.GetContributingSources(), SORA_TRANSFORMER_INFO_CONTRIBUTING_SOURCES, info);
}

void EncodedFrame::DescribeVideo(const webrtc::TransformableVideoFrameInterface& f, std::span<double> info) {
  const webrtc::VideoFrameMetadata metadata = f.Metadata();
  info[SORA_TRANSFORMER_INFO_KEY_FRAME] = f.IsKeyFrame() ? 1 : 0;
  if (const auto id = metadata.GetFrameId()) info[SORA_TRANSFORMER_INFO_FRAME_ID] = static_cast<double>(*id);
  info[SORA_TRANSFORMER_INFO_WIDTH] = metadata.GetWidth();
  info[SORA_TRANSFORMER_INFO_HEIGHT] = metadata.GetHeight();
  info[SORA_TRANSFORMER_INFO_SPATIAL_INDEX] = metadata.GetSpatialIndex();
  info[SORA_TRANSFORMER_INFO_TEMPORAL_INDEX] = metadata.GetTemporalIndex();
  List(metadata.GetFrameDependencies(), SORA_TRANSFORMER_INFO_DEPENDENCIES, info);
  List(metadata.GetCsrcs(), SORA_TRANSFORMER_INFO_CONTRIBUTING_SOURCES, info);
}

void FrameTransformer::Transform(std::unique_ptr<webrtc::TransformableFrameInterface> frame) {
  {
    std::unique_lock lock(mutex_);
    if (short_circuiting_) {
      lock.unlock();
      Enqueue(std::move(frame));
      return;
    }
    if (frames_.size() >= capacity_) {
      frames_.pop_front();
      ++dropped_;
    }
    const auto level = video_ ? std::nullopt : TakeAudioLevel(*frame);
    frames_.push_back({std::move(frame), rtc::TimeUTCMillis(), level});
    if (announced_) return;
    announced_ = true;
  }
  if (const auto runtime = runtime_.lock()) runtime->queue().Push(SORA_EVENT_READABLE, handle_);
}

bool FrameTransformer::Take(std::span<double> info) {
  std::lock_guard lock(mutex_);
  info[SORA_TRANSFORMER_INFO_DROPPED] = dropped_;
  if (frames_.empty()) {
    announced_ = false;
    return false;
  }
  if (held_->load() >= kMaxHeld) {
    announced_ = false;  // the next frame announces again
    throw Error(SORA_ERROR_LIMIT, "1024 encoded frames of this transformer are held: enqueue or release some first");
  }
  // If no handle is free, the frame is lost and counted, and the next one announces again.
  announced_ = false;
  ++dropped_;
  Arrived arrived = std::move(frames_.front());
  frames_.pop_front();
  if (std::string type = arrived.frame->GetMimeType(); type != mime_type_) {
    mime_type_ = std::move(type);
    ++mime_type_number_;
  }
  info[SORA_TRANSFORMER_INFO_MIME_TYPE] = mime_type_number_;
  const auto taken = std::make_shared<EncodedFrame>(std::move(arrived), video_, held_);
  taken->Describe(info);
  info[SORA_TRANSFORMER_INFO_FRAME] = Open(EncodedFrame::kKind, taken);
  announced_ = true;
  --dropped_;
  return true;
}

void FrameTransformer::Enqueue(std::unique_ptr<webrtc::TransformableFrameInterface> frame) {
  rtc::scoped_refptr<webrtc::TransformedFrameCallback> callback;
  {
    std::lock_guard lock(mutex_);
    const auto found = sink_callbacks_.find(frame->GetSsrc());
    callback = found != sink_callbacks_.end() ? found->second : callback_;
  }
  if (callback) callback->OnTransformedFrame(std::move(frame));
}

void FrameTransformer::StartShortCircuiting() {
  // Frames that come meanwhile queue up behind the others, so that none overtakes another.
  while (true) {
    std::unique_ptr<webrtc::TransformableFrameInterface> frame;
    {
      std::lock_guard lock(mutex_);
      if (frames_.empty()) {
        short_circuiting_ = true;
        return;
      }
      frame = std::move(frames_.front().frame);
      frames_.pop_front();
    }
    Enqueue(std::move(frame));
  }
}

void FrameTransformer::RegisterTransformedFrameCallback(rtc::scoped_refptr<webrtc::TransformedFrameCallback> callback) {
  std::lock_guard lock(mutex_);
  callback_ = std::move(callback);
}

void FrameTransformer::RegisterTransformedFrameSinkCallback(rtc::scoped_refptr<webrtc::TransformedFrameCallback> callback,
                                                            uint32_t ssrc) {
  std::lock_guard lock(mutex_);
  sink_callbacks_[ssrc] = std::move(callback);
}

void FrameTransformer::UnregisterTransformedFrameCallback() {
  std::lock_guard lock(mutex_);
  callback_ = nullptr;
}

void FrameTransformer::UnregisterTransformedFrameSinkCallback(uint32_t ssrc) {
  std::lock_guard lock(mutex_);
  sink_callbacks_.erase(ssrc);
}

}  // namespace sora
