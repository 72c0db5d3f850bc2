#include "codecs/second_engine.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/video_codecs/video_codec.h"
#include "modules/video_coding/include/video_error_codes.h"
#include "rtc_base/logging.h"

namespace sora {
namespace {

// "NVIDIA_VIDEO_CODEC_SDK cannot encode H264 any more: …; INTERNAL takes over"
std::string DescribeFailure(const NamedEngine& first, const NamedEngine& second, const char* direction,
                            const std::string& codec) {
  const std::string reason = first.engine->failure();
  return first.name + " cannot " + direction + " " + codec + " any more" + (reason.empty() ? "" : ": " + reason) +
         (second.engine ? "; " + second.name + " takes over" : "; it is tried again once a second");
}

void Report(CodecFailures& failures, const std::string& text) {
  RTC_LOG(LS_ERROR) << text;
  failures.Report(text);
}

class EncoderThatMayFail : public webrtc::VideoEncoder {
 public:
  EncoderThatMayFail(NamedEngine first, NamedEngine second, const webrtc::SdpVideoFormat& format,
                     std::shared_ptr<CodecFailures> failures)
      : first_(std::move(first)),
        second_(std::move(second)),
        format_(format),
        failures_(std::move(failures)),
        encoder_(first_.engine->CreateEncoder(format)) {}

  int InitEncode(const webrtc::VideoCodec* codec, const Settings& settings) override {
    if (codec) codec_ = *codec;
    settings_ = settings;
    rates_ = std::nullopt;
    return encoder_->InitEncode(codec, settings);
  }

  int32_t Encode(const webrtc::VideoFrame& frame, const std::vector<webrtc::VideoFrameType>* types) override {
    const int32_t result = encoder_->Encode(frame, types);
    if (result != WEBRTC_VIDEO_CODEC_FALLBACK_SOFTWARE || taken_over_) return result;
    Report(*failures_, DescribeFailure(first_, second_, "encode", format_.name));
    if (!second_.engine || !TakeOver()) return WEBRTC_VIDEO_CODEC_ERROR;
    // This very frame, and as a key frame: receivers have nothing that it could refer to.
    const std::vector<webrtc::VideoFrameType> key(types && !types->empty() ? types->size() : 1,
                                                  webrtc::VideoFrameType::kVideoFrameKey);
    return encoder_->Encode(frame, &key);
  }

  void SetFecControllerOverride(webrtc::FecControllerOverride* override) override {
    encoder_->SetFecControllerOverride(override);
  }
  int32_t RegisterEncodeCompleteCallback(webrtc::EncodedImageCallback* callback) override {
    callback_ = callback;
    return encoder_->RegisterEncodeCompleteCallback(callback);
  }
  int32_t Release() override { return encoder_->Release(); }
  void SetRates(const RateControlParameters& parameters) override {
    rates_ = parameters;
    encoder_->SetRates(parameters);
  }
  void OnPacketLossRateUpdate(float rate) override { encoder_->OnPacketLossRateUpdate(rate); }
  void OnRttUpdate(int64_t rtt_ms) override { encoder_->OnRttUpdate(rtt_ms); }
  void OnLossNotification(const LossNotification& loss) override { encoder_->OnLossNotification(loss); }
  EncoderInfo GetEncoderInfo() const override { return encoder_->GetEncoderInfo(); }

 private:
  bool TakeOver() {
    auto next = second_.engine->CreateEncoder(format_);
    if (rates_ && rates_->bitrate.get_sum_kbps() > 0) codec_.startBitrate = rates_->bitrate.get_sum_kbps();
    if (!next || next->InitEncode(&codec_, *settings_) != WEBRTC_VIDEO_CODEC_OK) {
      Report(*failures_, second_.name + " could not take over from " + first_.name);
      second_.engine = nullptr;
      return false;
    }
    next->RegisterEncodeCompleteCallback(callback_);
    if (rates_) next->SetRates(*rates_);
    encoder_->Release();
    encoder_ = std::move(next);
    taken_over_ = true;
    return true;
  }

  const NamedEngine first_;
  NamedEngine second_;
  const webrtc::SdpVideoFormat format_;
  const std::shared_ptr<CodecFailures> failures_;
  std::unique_ptr<webrtc::VideoEncoder> encoder_;
  bool taken_over_ = false;
  // What the second engine is to be told.
  webrtc::VideoCodec codec_;
  std::optional<Settings> settings_;
  std::optional<RateControlParameters> rates_;
  webrtc::EncodedImageCallback* callback_ = nullptr;
};

class DecoderThatMayFail : public webrtc::VideoDecoder {
 public:
  DecoderThatMayFail(NamedEngine first, NamedEngine second, const webrtc::SdpVideoFormat& format,
                     std::shared_ptr<CodecFailures> failures)
      : first_(std::move(first)),
        second_(std::move(second)),
        format_(format),
        failures_(std::move(failures)),
        decoder_(first_.engine->CreateDecoder(format)) {}

  bool Configure(const Settings& settings) override {
    settings_ = settings;
    return decoder_->Configure(settings);
  }

  int32_t Decode(const webrtc::EncodedImage& image, int64_t render_time_ms) override {
    const int32_t result = decoder_->Decode(image, render_time_ms);
    if (result != WEBRTC_VIDEO_CODEC_FALLBACK_SOFTWARE || taken_over_) return result;
    Report(*failures_, DescribeFailure(first_, second_, "decode", format_.name));
    auto next = second_.engine ? second_.engine->CreateDecoder(format_) : nullptr;
    if (!next || !next->Configure(settings_)) return WEBRTC_VIDEO_CODEC_ERROR;
    next->RegisterDecodeCompleteCallback(callback_);
    decoder_->Release();
    decoder_ = std::move(next);
    taken_over_ = true;
    // Without a key frame it decodes nothing: an error makes libwebrtc ask for one.
    if (image._frameType != webrtc::VideoFrameType::kVideoFrameKey) return WEBRTC_VIDEO_CODEC_ERROR;
    return decoder_->Decode(image, render_time_ms);
  }

  int32_t RegisterDecodeCompleteCallback(webrtc::DecodedImageCallback* callback) override {
    callback_ = callback;
    return decoder_->RegisterDecodeCompleteCallback(callback);
  }
  int32_t Release() override { return decoder_->Release(); }
  DecoderInfo GetDecoderInfo() const override { return decoder_->GetDecoderInfo(); }
  const char* ImplementationName() const override { return decoder_->ImplementationName(); }

 private:
  const NamedEngine first_, second_;
  const webrtc::SdpVideoFormat format_;
  const std::shared_ptr<CodecFailures> failures_;
  std::unique_ptr<webrtc::VideoDecoder> decoder_;
  bool taken_over_ = false;
  Settings settings_;
  webrtc::DecodedImageCallback* callback_ = nullptr;
};

}  // namespace

std::unique_ptr<webrtc::VideoEncoder> CreateEncoderThatMayFail(const NamedEngine& first, const NamedEngine& second,
                                                               const webrtc::SdpVideoFormat& format,
                                                               std::shared_ptr<CodecFailures> failures) {
  return std::make_unique<EncoderThatMayFail>(first, second, format, std::move(failures));
}

std::unique_ptr<webrtc::VideoDecoder> CreateDecoderThatMayFail(const NamedEngine& first, const NamedEngine& second,
                                                               const webrtc::SdpVideoFormat& format,
                                                               std::shared_ptr<CodecFailures> failures) {
  return std::make_unique<DecoderThatMayFail>(first, second, format, std::move(failures));
}

}  // namespace sora
