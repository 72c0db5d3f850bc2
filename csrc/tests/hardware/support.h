// What tests of the engines over drivers share: the stand-ins, a clock that they set, and senders and receivers over an engine.
#ifndef SORA_TESTS_HARDWARE_SUPPORT_H
#define SORA_TESTS_HARDWARE_SUPPORT_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../codecs/support.h"
#include "codecs/engines.h"
#include "modules/video_coding/include/video_codec_interface.h"
#include "rtc_base/time_utils.h"

namespace test {

// A stand-in, and the engine over it.
struct Driver {
  const char* engine;   // as in a preference
  const char* name;     // as in the statistics
  const char* library;  // a file of the stand-in

  // See tests/drivers/soft/control.h.
  void Set(const char* setting, int64_t value) const;
  int64_t Get(const char* counter) const;
  // What was done wrong since this was asked last: the last of it, or nothing.
  std::string TakeMisuse() const;
  // All settings back; nothing is open, and nothing was done wrong.
  void Reset() const;

  // A function of the stand-in, under the name that it exports.
  template <typename Function>
  Function* Find(const char* function) const {
    return reinterpret_cast<Function*>(Symbol(function));
  }

 private:
  void* Symbol(const char* function) const;
};

// Those that were built.
const std::vector<Driver>& Drivers();
// The one of an engine.
const Driver& DriverOf(const std::string& engine);

// The clock of libwebrtc and of our engines, which only tests move.
class Clock : public rtc::ClockInterface {
 public:
  Clock() : before_(rtc::SetClockForTesting(this)) {}
  ~Clock() override { rtc::SetClockForTesting(before_); }
  int64_t TimeNanos() const override { return now_ns_; }
  void Advance(int ms) { now_ns_ += int64_t{ms} * 1'000'000; }

 private:
  int64_t now_ns_ = 1'000'000'000'000;
  rtc::ClockInterface* const before_;
};

// What preferences make of one codec: engines by name, empty for none.
struct Preference {
  std::string codec, encoder, decoder, fallback_encoder{}, fallback_decoder{};
};
sora::CodecEngines Engines(const Preference& preference);

// The reasons that encoders and decoders gave for giving up.
struct Failures {
  std::shared_ptr<sora::CodecFailures> sink = std::make_shared<sora::CodecFailures>();
  std::vector<std::string> texts;
  Failures() {
    sink->Listen(this, [this](const std::string& text) { texts.push_back(text); });
  }
};

// An encoder as a sender has it, with simulcast's adapter around.
class Sender : public webrtc::EncodedImageCallback {
 public:
  // profile: how profile-level-id of H264 begins, or level-id of H265; empty: the first that there is.
  Sender(const sora::CodecEngines& engines, const std::string& codec, int width, int height, unsigned kbps,
         Failures& failures, const std::string& profile = "");

  void SetRate(unsigned kbps, double fps = 30);
  // Encodes the next frame; returns libwebrtc's code. `image` is what came of it in this very call, if anything did.
  int32_t Next(bool key = false);
  webrtc::VideoEncoder::EncoderInfo encoder() const { return encoder_->GetEncoderInfo(); }
  std::string name() const { return encoder().implementation_name; }

  std::unique_ptr<webrtc::EncodedImage> image;
  webrtc::CodecSpecificInfo info;
  std::unique_ptr<webrtc::VideoFrame> source;
  int number = 0;
  int images = 0, keys = 0;
  size_t bytes = 0;

  Result OnEncodedImage(const webrtc::EncodedImage& image, const webrtc::CodecSpecificInfo* info) override;
  void OnDroppedFrame(DropReason) override {}

 private:
  const int width_, height_;
  std::unique_ptr<webrtc::VideoEncoderFactory> factory_;
  std::unique_ptr<webrtc::VideoEncoder> encoder_;
};

// A decoder as a receiver has it.
class Receiver {
 public:
  // profile: as that of a sender.
  Receiver(const sora::CodecEngines& engines, const std::string& codec, Failures& failures, const std::string& profile = "");
  int32_t Decode(const webrtc::EncodedImage& image) { return decoder_->Decode(image, 0); }
  std::string name() const { return decoder_->GetDecoderInfo().implementation_name; }

  DecodedFrames decoded;

 private:
  std::unique_ptr<webrtc::VideoDecoderFactory> factory_;
  std::unique_ptr<webrtc::VideoDecoder> decoder_;
};

}  // namespace test

#endif
