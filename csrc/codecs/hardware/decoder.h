// libwebrtc's decoder over the sessions of a driver. A failed call closes the session, and a later key frame opens another.
#ifndef SORA_CODECS_HARDWARE_DECODER_H
#define SORA_CODECS_HARDWARE_DECODER_H

#include <memory>

#include "codecs/hardware/attempts.h"
#include "codecs/hardware/quantizer.h"
#include "codecs/hardware/session.h"
#include "codecs/key_frame_decoder.h"

namespace sora {

class HardwareDecoder : public KeyFrameDecoder {
 public:
  // name: as in the statistics. reason: where it says why it gave up.
  HardwareDecoder(const char* name, webrtc::VideoCodecType codec, OpenDecoder open, std::shared_ptr<FailureReason> reason)
      : name_(name), codec_(codec), open_(std::move(open)), reason_(std::move(reason)) {}
  ~HardwareDecoder() override { Release(); }

  bool Configure(const Settings& settings) override;
  int32_t Release() override;
  DecoderInfo GetDecoderInfo() const override { return {name_, true}; }

 private:
  // Sessions are opened with the first frame: what fails then is tried again, and libwebrtc does not repeat Configure.
  bool Open() override { return true; }
  bool IsOpen() const override { return configured_; }
  // Opening a session takes a driver tenths of a second: one that decoded the last frame goes on with a key frame.
  bool StandsAlone(const webrtc::EncodedImage&) const override { return false; }
  // WEBRTC_VIDEO_CODEC_FALLBACK_SOFTWARE, once: it gave up, for the reason that the engine has.
  int32_t DecodeFrame(const webrtc::EncodedImage& image) override;

  const char* const name_;
  const webrtc::VideoCodecType codec_;
  const OpenDecoder open_;
  const std::shared_ptr<FailureReason> reason_;
  std::unique_ptr<DecoderSession> session_;
  Attempts attempts_;
  bool configured_ = false;
  bool broken_ = false;  // the last frame was
  webrtc::VideoFrameBufferPool pool_{false, 150};
  Quantizer quantizer_;
};

}  // namespace sora

#endif
