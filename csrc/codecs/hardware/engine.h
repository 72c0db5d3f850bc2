// What the engines over drivers have in common: a list of codecs with the sizes that the device takes.
#ifndef SORA_CODECS_HARDWARE_ENGINE_H
#define SORA_CODECS_HARDWARE_ENGINE_H

#include <memory>
#include <string>
#include <vector>

#include "codecs/engine.h"
#include "codecs/hardware/codec.h"
#include "codecs/hardware/failure.h"
#include "codecs/hardware/session.h"

namespace sora {

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
