#include "media/transformer.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "rtc_base/time_utils.h"
#include "sora_ffi/transformer.h"

namespace sora {

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

std::string EncodedFrame::Metadata() {
  using Direction = webrtc::TransformableFrameInterface::Direction;
  std::lock_guard lock(mutex_);
  auto& f = frame();
  nlohmann::json json{{"mimeType", f.GetMimeType()},
                      {"payloadType", f.GetPayloadType()},
                      {"ssrc", f.GetSsrc()},
                      {"rtpTimestamp", f.GetTimestamp()}};
  json["direction"] = f.GetDirection() == Direction::kSender     ? "sender"
                      : f.GetDirection() == Direction::kReceiver ? "receiver"
                                                                 : "unknown";
  if (video_) {
    auto& v = static_cast<webrtc::TransformableVideoFrameInterface&>(f);
    const webrtc::VideoFrameMetadata metadata = v.Metadata();
    json["isKeyFrame"] = v.IsKeyFrame();
    if (const auto id = metadata.GetFrameId()) json["frameId"] = *id;
    auto dependencies = nlohmann::json::array();
    for (const int64_t dependency : metadata.GetFrameDependencies()) dependencies.push_back(dependency);
    json["frameDependencies"] = std::move(dependencies);
    json["width"] = metadata.GetWidth();
    json["height"] = metadata.GetHeight();
    json["spatialIndex"] = metadata.GetSpatialIndex();
    json["temporalIndex"] = metadata.GetTemporalIndex();
    json["contributingSources"] = metadata.GetCsrcs();
  } else {
    using Type = webrtc::TransformableAudioFrameInterface::FrameType;
    auto& a = static_cast<webrtc::TransformableAudioFrameInterface&>(f);
    const auto sources = a.GetContributingSources();
    json["contributingSources"] = std::vector<uint32_t>(sources.begin(), sources.end());
    if (const auto number = a.SequenceNumber()) json["sequenceNumber"] = *number;
    // libwebrtc tells it of what is sent only, in milliseconds on its own clock.
    if (const auto time = a.AbsoluteCaptureTimestamp(); time && f.GetDirection() == Direction::kSender)
      json["absoluteCaptureTimestamp"] = static_cast<int64_t>(*time) + rtc::TimeUTCMillis() - rtc::TimeMillis();
    if (f.GetDirection() == Direction::kReceiver) json["receiveTime"] = came_ms_;
    json["type"] = a.Type() == Type::kAudioFrameSpeech ? "speech" : a.Type() == Type::kAudioFrameCN ? "cn" : "empty";
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
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
    frames_.push_back({std::move(frame), rtc::TimeUTCMillis()});
    if (announced_) return;
    announced_ = true;
  }
  if (const auto engine = engine_.lock()) engine->queue().Push(SORA_EVENT_READABLE, handle_);
}

bool FrameTransformer::Take(double* info) {
  std::lock_guard lock(mutex_);
  info[SORA_TRANSFORMER_INFO_DROPPED] = dropped_;
  if (frames_.empty()) {
    announced_ = false;
    return false;
  }
  if (held_->load() >= kMaxHeld) {
    announced_ = false;  // the next frame announces again
    throw Error(SORA_ERROR_LIMIT, "1,024 encoded frames of this transformer are held: enqueue or release some first");
  }
  // When no handle is free, the frame is lost and counted, and the next one announces again.
  announced_ = false;
  ++dropped_;
  auto [frame, came_ms] = std::move(frames_.front());
  frames_.pop_front();
  const auto size = static_cast<double>(frame->GetData().size());
  info[SORA_TRANSFORMER_INFO_FRAME] =
      Open(EncodedFrame::kKind, std::make_shared<EncodedFrame>(std::move(frame), came_ms, video_, held_));
  info[SORA_TRANSFORMER_INFO_SIZE] = size;
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
  // Frames that come meanwhile wait behind those that are there, so that none overtakes another.
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
