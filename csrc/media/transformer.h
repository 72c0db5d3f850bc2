// The objects behind sora_transformer_* and sora_encoded_frame_*.
#ifndef SORA_MEDIA_TRANSFORMER_H
#define SORA_MEDIA_TRANSFORMER_H

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "api/frame_transformer_interface.h"
#include "api/make_ref_counted.h"
#include "core/object.h"
#include "runtime/runtime.h"

namespace sora {

// An encoded frame as libwebrtc hands it over.
struct Arrived {
  std::unique_ptr<webrtc::TransformableFrameInterface> frame;
  int64_t received_ms;             // when, Unix time in milliseconds
  std::optional<int> audio_level;  // -dBov, if known
};

// An encoded frame that JavaScript holds. It needs no thread of libwebrtc's.
class EncodedFrame : public Object {
 public:
  static constexpr Kind kKind = Kind::kEncodedFrame;

  EncodedFrame(Arrived arrived, bool video, std::shared_ptr<std::atomic<int>> held)
      : received_ms_(arrived.received_ms),
        audio_level_(arrived.audio_level),
        video_(video),
        held_(std::move(held)),
        frame_(std::move(arrived.frame)) {
    held_->fetch_add(1);
  }
  ~EncodedFrame() override { held_->fetch_sub(1); }

  uint32_t Data(uint8_t* buffer, uint32_t size);
  void SetData(const uint8_t* data, uint32_t size);
  std::string MimeType();
  // Fills in the part of sora_transformer_info that is about the frame itself.
  void Describe(std::span<double> info);
  std::unique_ptr<webrtc::TransformableFrameInterface> Release();

 private:
  webrtc::TransformableFrameInterface& frame();
  void DescribeAudio(webrtc::TransformableAudioFrameInterface& f, std::span<double> info) const;
  static void DescribeVideo(const webrtc::TransformableVideoFrameInterface& f, std::span<double> info);

  const int64_t received_ms_;
  const std::optional<int> audio_level_;
  const bool video_;
  const std::shared_ptr<std::atomic<int>> held_;
  std::mutex mutex_;
  std::unique_ptr<webrtc::TransformableFrameInterface> frame_;
};

// libwebrtc's side of a transformer: buffers frames until JavaScript takes them.
class FrameTransformer : public webrtc::FrameTransformerInterface {
 public:
  FrameTransformer(std::shared_ptr<Runtime> runtime, bool video, size_t capacity)
      : runtime_(std::move(runtime)), video_(video), capacity_(capacity) {}

  void Start(uint32_t handle) { handle_ = handle; }
  bool video() const { return video_; }
  bool Take(std::span<double> info);
  void Enqueue(std::unique_ptr<webrtc::TransformableFrameInterface> frame);
  void StartShortCircuiting();

  void Transform(std::unique_ptr<webrtc::TransformableFrameInterface> frame) override;
  void RegisterTransformedFrameCallback(rtc::scoped_refptr<webrtc::TransformedFrameCallback> callback) override;
  void RegisterTransformedFrameSinkCallback(rtc::scoped_refptr<webrtc::TransformedFrameCallback> callback,
                                            uint32_t ssrc) override;
  void UnregisterTransformedFrameCallback() override;
  void UnregisterTransformedFrameSinkCallback(uint32_t ssrc) override;

 private:
  static constexpr int kMaxHeld = 1024;

  // A transformer does not keep the runtime alive.
  const std::weak_ptr<Runtime> runtime_;
  const bool video_;
  const size_t capacity_;
  std::atomic<uint32_t> handle_{0};
  const std::shared_ptr<std::atomic<int>> held_ = std::make_shared<std::atomic<int>>(0);
  std::mutex mutex_;
  std::deque<Arrived> frames_;
  rtc::scoped_refptr<webrtc::TransformedFrameCallback> callback_;
  std::map<uint32_t, rtc::scoped_refptr<webrtc::TransformedFrameCallback>> sink_callbacks_;
  bool short_circuiting_ = false;
  bool announced_ = false;  // SORA_EVENT_READABLE is out, and the transformer was not read until empty since
  double dropped_ = 0;
  std::string mime_type_;  // of the frame taken last
  double mime_type_number_ = 0;
};

// JavaScript's side of a transformer.
class Transformer : public Object {
 public:
  static constexpr Kind kKind = Kind::kTransformer;

  Transformer(std::shared_ptr<Runtime> runtime, bool video, size_t capacity)
      : transformer_(rtc::make_ref_counted<FrameTransformer>(std::move(runtime), video, capacity)) {}

  const rtc::scoped_refptr<FrameTransformer>& transformer() const { return transformer_; }
  void Abandon(std::shared_ptr<Object>, uint32_t) override { transformer_->StartShortCircuiting(); }

 private:
  const rtc::scoped_refptr<FrameTransformer> transformer_;
};

}  // namespace sora

#endif
