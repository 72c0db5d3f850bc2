#include "codecs/layer_sizes.h"

#include <utility>

#include "api/video_codecs/video_codec.h"
#include "rtc_base/logging.h"

namespace sora {
namespace {

class LayerSizes : public webrtc::VideoEncoder {
 public:
  LayerSizes(std::unique_ptr<webrtc::VideoEncoder> adapter, SizeLimits limits)
      : adapter_(std::move(adapter)), limits_(limits) {}

  int InitEncode(const webrtc::VideoCodec* codec, const Settings& settings) override {
    if (!codec || codec->numberOfSimulcastStreams < 2) return adapter_->InitEncode(codec, settings);
    webrtc::VideoCodec fitting = *codec;
    bool any = false;
    for (size_t i = 0; i < fitting.numberOfSimulcastStreams; ++i) any |= Fits(fitting.simulcastStream[i]);
    for (size_t i = 0; any && i < fitting.numberOfSimulcastStreams; ++i) {
      auto& layer = fitting.simulcastStream[i];
      if (!layer.active || Fits(layer)) continue;
      layer.active = false;
      Warn(layer);
    }
    return adapter_->InitEncode(&fitting, settings);
  }

  void SetFecControllerOverride(webrtc::FecControllerOverride* override) override {
    adapter_->SetFecControllerOverride(override);
  }
  int32_t RegisterEncodeCompleteCallback(webrtc::EncodedImageCallback* callback) override {
    return adapter_->RegisterEncodeCompleteCallback(callback);
  }
  int32_t Release() override { return adapter_->Release(); }
  int32_t Encode(const webrtc::VideoFrame& frame, const std::vector<webrtc::VideoFrameType>* types) override {
    return adapter_->Encode(frame, types);
  }
  void SetRates(const RateControlParameters& parameters) override { adapter_->SetRates(parameters); }
  void OnPacketLossRateUpdate(float rate) override { adapter_->OnPacketLossRateUpdate(rate); }
  void OnRttUpdate(int64_t rtt_ms) override { adapter_->OnRttUpdate(rtt_ms); }
  void OnLossNotification(const LossNotification& loss) override { adapter_->OnLossNotification(loss); }
  EncoderInfo GetEncoderInfo() const override { return adapter_->GetEncoderInfo(); }

 private:
  bool Fits(const webrtc::SimulcastStream& layer) const {
    return layer.active && layer.width >= limits_.min_width && layer.height >= limits_.min_height;
  }

  void Warn(const webrtc::SimulcastStream& layer) {
    if (std::exchange(warned_, true)) return;
    RTC_LOG(LS_WARNING) << "The simulcast layer of " << layer.width << "x" << layer.height
                        << " is left out: " << adapter_->GetEncoderInfo().implementation_name << " encodes frames from "
                        << limits_.min_width << "x" << limits_.min_height;
  }

  const std::unique_ptr<webrtc::VideoEncoder> adapter_;
  const SizeLimits limits_;
  bool warned_ = false;
};

}  // namespace

std::unique_ptr<webrtc::VideoEncoder> LeaveOutSmallLayers(std::unique_ptr<webrtc::VideoEncoder> adapter, SizeLimits limits) {
  return std::make_unique<LayerSizes>(std::move(adapter), limits);
}

}  // namespace sora
