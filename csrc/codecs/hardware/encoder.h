// libwebrtc's encoder over the sessions of a driver. A failed call closes the session, and a later frame opens another.
#ifndef SORA_CODECS_HARDWARE_ENCODER_H
#define SORA_CODECS_HARDWARE_ENCODER_H

#include <memory>
#include <optional>
#include <string>

#include "api/video_codecs/video_encoder.h"
#include "codecs/hardware/attempts.h"
#include "codecs/hardware/codec.h"
#include "codecs/hardware/frame_layers.h"
#include "codecs/hardware/quantizer.h"
#include "codecs/hardware/session.h"

namespace sora {

class HardwareEncoder : public webrtc::VideoEncoder {
 public:
  // name: as in the statistics. able: what the device has. reason: where it says why it gave up.
  HardwareEncoder(const char* name, const webrtc::SdpVideoFormat& format, const HardwareCodec& able, OpenEncoder open,
                  std::shared_ptr<FailureReason> reason);
  ~HardwareEncoder() override { Release(); }

  // Opens no session: what fails in Encode is tried again, and libwebrtc does not repeat this.
  int InitEncode(const webrtc::VideoCodec* codec, const Settings& settings) override;
  int32_t RegisterEncodeCompleteCallback(webrtc::EncodedImageCallback* callback) override;
  int32_t Release() override;
  // WEBRTC_VIDEO_CODEC_FALLBACK_SOFTWARE, once: it gave up, for the reason that the engine has.
  int32_t Encode(const webrtc::VideoFrame& frame, const std::vector<webrtc::VideoFrameType>* frame_types) override;
  void SetRates(const RateControlParameters& parameters) override;
  EncoderInfo GetEncoderInfo() const override;

 private:
  // False when none may be opened yet.
  bool Open();
  void Deliver(const webrtc::VideoFrame& frame, EncodedFrame encoded);
  int32_t Fail(const HardwareFailure& failure);

  const char* const name_;
  const webrtc::SdpVideoFormat format_;
  const webrtc::VideoCodecType codec_;
  const HardwareCodec able_;
  const OpenEncoder open_;
  const std::shared_ptr<FailureReason> reason_;
  std::unique_ptr<EncoderSession> session_;
  FrameLayers layers_;
  Quantizer quantizer_;
  Attempts attempts_;
  RateControl rates_;
  int width_ = 0, height_ = 0;              // of frames; 0: not configured
  int coded_width_ = 0, coded_height_ = 0;  // of their middle, in multiples of what the device codes
  bool paused_ = false;
  bool key_wanted_ = false;
  webrtc::EncodedImageCallback* callback_ = nullptr;
};

}  // namespace sora

#endif
