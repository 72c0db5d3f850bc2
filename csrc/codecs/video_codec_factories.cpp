#include "codecs/video_codec_factories.h"

#include <algorithm>

#include "codecs/layer_sizes.h"
#include "core/field_trials.h"
#include "media/engine/simulcast_encoder_adapter.h"
#include "modules/video_coding/svc/scalability_mode_util.h"

namespace sora {
namespace {

using Formats = std::vector<FormatEngine>;

thread_local int first_alone = 0;

std::vector<webrtc::SdpVideoFormat> Names(const Formats& formats) {
  std::vector<webrtc::SdpVideoFormat> names;
  for (const auto& entry : formats) names.push_back(entry.format);
  return names;
}

// The entry that serves a format: same codec and profile.
const FormatEngine* Match(const Formats& formats, const webrtc::SdpVideoFormat& format) {
  for (const auto& entry : formats)
    if (entry.format.IsSameCodec(format)) return &entry;
  return nullptr;
}

// The encoders of the engines, each for one layer.
class LayerEncoderFactory : public webrtc::VideoEncoderFactory {
 public:
  LayerEncoderFactory(Formats formats, std::shared_ptr<CodecFailures> failures)
      : formats_(std::move(formats)), failures_(std::move(failures)) {}

  std::vector<webrtc::SdpVideoFormat> GetSupportedFormats() const override { return Names(formats_); }

  CodecSupport QueryCodecSupport(const webrtc::SdpVideoFormat& format,
                                 absl::optional<std::string> scalability_mode) const override {
    const FormatEngine* entry = Match(formats_, format);
    if (!entry) return {};
    if (!scalability_mode) return {.is_supported = true};
    const auto mode = webrtc::ScalabilityModeFromString(*scalability_mode);
    const auto& modes = entry->format.scalability_modes;
    return {.is_supported = mode && std::find(modes.begin(), modes.end(), *mode) != modes.end()};
  }

  std::unique_ptr<webrtc::VideoEncoder> CreateVideoEncoder(const webrtc::SdpVideoFormat& format) override {
    const FormatEngine* entry = Match(formats_, format);
    if (!entry) return nullptr;
    if (!entry->engine->MayFail()) return entry->engine->CreateEncoder(format);
    return CreateEncoderThatMayFail({entry->name, entry->engine}, entry->second, format, failures_);
  }

  std::optional<SizeLimits> Sizes(const webrtc::SdpVideoFormat& format) const {
    const FormatEngine* entry = Match(formats_, format);
    return entry ? entry->engine->EncoderSizes(entry->format) : std::nullopt;
  }

 private:
  const Formats formats_;
  const std::shared_ptr<CodecFailures> failures_;
};

// The same, several in parallel for simulcast.
class EncoderFactory : public LayerEncoderFactory {
 public:
  EncoderFactory(Formats formats, std::shared_ptr<CodecFailures> failures)
      : LayerEncoderFactory(formats, failures), layers_(std::move(formats), std::move(failures)) {}

  std::unique_ptr<webrtc::VideoEncoder> CreateVideoEncoder(const webrtc::SdpVideoFormat& format) override {
    auto adapter = std::make_unique<webrtc::SimulcastEncoderAdapter>(&layers_, nullptr, format, field_trials_);
    const auto sizes = layers_.Sizes(format);
    if (!sizes) return adapter;
    return LeaveOutSmallLayers(std::move(adapter), *sizes);
  }

 private:
  LayerEncoderFactory layers_;
  FieldTrials field_trials_;
};

class DecoderFactory : public webrtc::VideoDecoderFactory {
 public:
  DecoderFactory(Formats formats, VideoFormats undecodable, std::shared_ptr<CodecFailures> failures)
      : formats_(std::move(formats)), undecodable_(std::move(undecodable)), failures_(std::move(failures)) {}

  std::vector<webrtc::SdpVideoFormat> GetSupportedFormats() const override {
    auto names = Names(formats_);
    names.insert(names.end(), undecodable_.begin(), undecodable_.end());
    if (first_alone > 0 && !names.empty()) names.erase(names.begin() + 1, names.end());
    return names;
  }

  std::unique_ptr<webrtc::VideoDecoder> CreateVideoDecoder(const webrtc::SdpVideoFormat& format) override {
    const FormatEngine* entry = Match(formats_, format);
    if (!entry) return CreateSilentDecoder();
    if (!entry->engine->MayFail()) return entry->engine->CreateDecoder(format);
    return CreateDecoderThatMayFail({entry->name, entry->engine}, entry->second, format, failures_);
  }

 private:
  const Formats formats_;
  const VideoFormats undecodable_;
  const std::shared_ptr<CodecFailures> failures_;
};

}  // namespace

FirstFormatAlone::FirstFormatAlone() { ++first_alone; }

FirstFormatAlone::~FirstFormatAlone() { --first_alone; }

std::unique_ptr<webrtc::VideoEncoderFactory> CreateVideoEncoderFactory(std::vector<FormatEngine> formats,
                                                                       std::shared_ptr<CodecFailures> failures) {
  return std::make_unique<EncoderFactory>(std::move(formats), std::move(failures));
}

std::unique_ptr<webrtc::VideoDecoderFactory> CreateVideoDecoderFactory(std::vector<FormatEngine> formats,
                                                                       VideoFormats undecodable,
                                                                       std::shared_ptr<CodecFailures> failures) {
  return std::make_unique<DecoderFactory>(std::move(formats), std::move(undecodable), std::move(failures));
}

}  // namespace sora
