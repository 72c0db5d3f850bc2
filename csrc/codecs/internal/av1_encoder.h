// AV1 in real time over libaom: one spatial layer, one to three temporal layers (L1T1, L1T2, L1T3).
#ifndef SORA_CODECS_INTERNAL_AV1_ENCODER_H
#define SORA_CODECS_INTERNAL_AV1_ENCODER_H

#include <aom/aom_encoder.h>

#include <memory>

#include "api/video_codecs/scalability_mode.h"
#include "api/video_codecs/video_encoder.h"
#include "modules/video_coding/svc/scalable_video_controller.h"

namespace sora {

class Av1Encoder : public webrtc::VideoEncoder {
 public:
  Av1Encoder() = default;
  ~Av1Encoder() override { Release(); }

  int InitEncode(const webrtc::VideoCodec* codec, const Settings& settings) override;
  int32_t RegisterEncodeCompleteCallback(webrtc::EncodedImageCallback* callback) override;
  int32_t Release() override;
  int32_t Encode(const webrtc::VideoFrame& frame, const std::vector<webrtc::VideoFrameType>* frame_types) override;
  void SetRates(const RateControlParameters& parameters) override;
  EncoderInfo GetEncoderInfo() const override;

 private:
  using LayerFrame = webrtc::ScalableVideoController::LayerFrameConfig;

  bool Configure(const webrtc::VideoCodec& codec, int cores);
  bool Control(int id, int value);
  bool SetReferences(const LayerFrame& layer);
  int32_t Deliver(const webrtc::VideoFrame& frame, const LayerFrame& layer);

  bool open_ = false;
  bool rates_set_ = false;
  aom_codec_ctx_t context_{};
  aom_codec_enc_cfg_t config_{};
  aom_image_t* image_ = nullptr;
  int64_t pts_ = 0;
  double framerate_ = 30;
  bool paused_ = false;
  bool key_wanted_ = false;
  webrtc::ScalabilityMode mode_ = webrtc::ScalabilityMode::kL1T1;
  std::unique_ptr<webrtc::ScalableVideoController> controller_;
  webrtc::EncodedImageCallback* callback_ = nullptr;
};

}  // namespace sora

#endif
