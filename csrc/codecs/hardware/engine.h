// What the engines over drivers have in common: a list of codecs with the sizes that the device takes.
#ifndef SORA_CODECS_HARDWARE_ENGINE_H
#define SORA_CODECS_HARDWARE_ENGINE_H

#include <memory>
#include <string>
#include <vector>

#include "codecs/engine.h"
#include "codecs/hardware/failure.h"
#include "codecs/hardware/session.h"

namespace sora {

// A codec that a device encodes or decodes.
struct HardwareCodec {
  std::string name;  // "VP8", "VP9", "AV1", "H264" or "H265"
  SizeLimits sizes;
  int h265_level = 0;     // the highest that the device states, as in SDP; 0: it states none
  Alignment alignment{};  // of frames that are encoded
};

class HardwareEngine : public CodecEngine {
 public:
  std::vector<webrtc::SdpVideoFormat> EncoderFormats() const override { return Formats(true); }
  std::vector<webrtc::SdpVideoFormat> DecoderFormats() const override { return Formats(false); }
  std::optional<SizeLimits> EncoderSizes(const webrtc::SdpVideoFormat& format) const override;
  std::optional<SizeLimits> DecoderSizes(const webrtc::SdpVideoFormat& format) const override;
  std::unique_ptr<webrtc::VideoEncoder> CreateEncoder(const webrtc::SdpVideoFormat& format) override;
  std::unique_ptr<webrtc::VideoDecoder> CreateDecoder(const webrtc::SdpVideoFormat& format) override;
  std::string WhyNot(bool encoder) const override;
  bool MayFail() const override { return true; }
  std::string failure() const override { return failure_->Get(); }

 protected:
  // What the device encodes and decodes; where it does neither, the reason.
  std::vector<HardwareCodec> encoders_, decoders_;
  std::string no_encoders_, no_decoders_;

  // The levels of H265 that the device states, for parameters().
  std::vector<std::pair<std::string, std::string>> Levels() const;

 private:
  // As in the statistics.
  virtual const char* name() const = 0;
  // What opens sessions. It may outlive the engine.
  virtual OpenEncoder Encoder() const = 0;
  virtual OpenDecoder Decoder(const HardwareCodec& codec) const = 0;

  std::vector<webrtc::SdpVideoFormat> Formats(bool encoder) const;

  const std::shared_ptr<FailureReason> failure_ = std::make_shared<FailureReason>();
};

}  // namespace sora

#endif
