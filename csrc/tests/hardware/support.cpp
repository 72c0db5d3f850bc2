#include "support.h"

#include <dlfcn.h>

#include <map>
#include <utility>

#include "api/video/video_bitrate_allocation.h"

namespace test {
namespace {

webrtc::SdpVideoFormat FormatOf(const sora::VideoFormats& formats, const std::string& codec, const std::string& profile) {
  const char* const key = codec == "H265" ? "level-id" : "profile-level-id";
  for (const auto& format : formats)
    if (format.name == codec && (profile.empty() || format.parameters.at(key).rfind(profile, 0) == 0)) return format;
  Fail(__FILE__, __LINE__, codec + " " + profile + " is not offered");
}

}  // namespace

void* Driver::Symbol(const char* function) const {
  void* const opened = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!opened) Fail(__FILE__, __LINE__, std::string(library) + " cannot be opened: " + dlerror());
  void* const symbol = dlsym(opened, function);
  if (!symbol) Fail(__FILE__, __LINE__, std::string(library) + " is no stand-in: it has no " + function);
  return symbol;
}

void Driver::Set(const char* setting, int64_t value) const {
  if (Find<int(const char*, int64_t)>("standin_set")(setting, value) != 0)
    Fail(__FILE__, __LINE__, std::string("no setting ") + setting);
}

int64_t Driver::Get(const char* counter) const { return Find<int64_t(const char*)>("standin_get")(counter); }

std::string Driver::TakeMisuse() const {
  // It is counted for the whole process.
  static std::map<std::string, int64_t> known;
  const int64_t misuse = Get("misuse");
  if (std::exchange(known[engine], misuse) == misuse) return {};
  return Find<const char*()>("standin_misuse")();
}

void Driver::Reset() const {
  for (const char* setting :
       {"fail_at", "fail_count", "busy_at", "busy_count", "lost_at", "lost_frame", "session_limit", "session_error",
        "absent", "version", "without", "alignment", "null", "level", "layers", "out_of_turn"})
    Set(setting, 0);
  if (const std::string misuse = TakeMisuse(); !misuse.empty())
    Fail(__FILE__, __LINE__, std::string(engine) + ": " + misuse);
  REQUIRE_EQ(Get("open"), 0);
}

const std::vector<Driver>& Drivers() {
  static const std::vector<Driver> drivers{{"NVIDIA_VIDEO_CODEC_SDK", "NvCodec", "libcuda.so.1"},
                                           {"INTEL_VPL", "libvpl", "libvplstandin.so"},
                                           {"AMD_AMF", "AMF", "libamfrt64.so.1"}};
  return drivers;
}

const Driver& DriverOf(const std::string& engine) {
  for (const auto& driver : Drivers())
    if (driver.engine == engine) return driver;
  Fail(__FILE__, __LINE__, engine + " has no stand-in");
}

sora::CodecEngines Engines(const Preference& preference) {
  const auto some = [](const std::string& name) { return name.empty() ? std::nullopt : std::optional(name); };
  sora::CodecOptions options;
  options.preferences = {{preference.codec, some(preference.encoder), some(preference.decoder),
                          some(preference.fallback_encoder), some(preference.fallback_decoder)}};
  return sora::CodecEngines(options);
}

Sender::Sender(const sora::CodecEngines& engines, const std::string& codec, int width, int height, unsigned kbps,
               Failures& failures, const std::string& profile)
    : width_(width), height_(height), factory_(engines.CreateEncoderFactory(failures.sink)) {
  encoder_ = factory_->CreateVideoEncoder(FormatOf(engines.Encoded(), codec, profile));
  REQUIRE(encoder_ != nullptr);
  const webrtc::VideoCodec settings = Codec(codec, width, height, kbps);
  REQUIRE_EQ(encoder_->InitEncode(&settings, EncoderSettings()), 0);
  REQUIRE_EQ(encoder_->RegisterEncodeCompleteCallback(this), 0);
  SetRate(kbps);
}

void Sender::SetRate(unsigned kbps, double fps) {
  webrtc::VideoBitrateAllocation bitrate;
  bitrate.SetBitrate(0, 0, kbps * 1000);
  encoder_->SetRates(webrtc::VideoEncoder::RateControlParameters(bitrate, fps));
}

int32_t Sender::Next(bool key) {
  image = nullptr;
  const std::vector<webrtc::VideoFrameType> types{key ? webrtc::VideoFrameType::kVideoFrameKey
                                                      : webrtc::VideoFrameType::kVideoFrameDelta};
  source = std::make_unique<webrtc::VideoFrame>(MovingFrame(width_, height_, number++));
  return encoder_->Encode(*source, &types);
}

webrtc::EncodedImageCallback::Result Sender::OnEncodedImage(const webrtc::EncodedImage& encoded,
                                                            const webrtc::CodecSpecificInfo* specific) {
  image = std::make_unique<webrtc::EncodedImage>(encoded);
  info = *specific;
  ++images;
  keys += encoded._frameType == webrtc::VideoFrameType::kVideoFrameKey;
  bytes += encoded.size();
  return Result(Result::OK, encoded.RtpTimestamp());
}

Receiver::Receiver(const sora::CodecEngines& engines, const std::string& codec, Failures& failures,
                   const std::string& profile)
    : factory_(engines.CreateDecoderFactory(failures.sink)) {
  decoder_ = factory_->CreateVideoDecoder(FormatOf(engines.Decoded(), codec, profile));
  REQUIRE(decoder_ != nullptr);
  webrtc::VideoDecoder::Settings settings;
  settings.set_codec_type(webrtc::PayloadStringToCodecType(codec));
  settings.set_number_of_cores(2);
  REQUIRE(decoder_->Configure(settings));
  REQUIRE_EQ(decoder_->RegisterDecodeCompleteCallback(&decoded), 0);
}

}  // namespace test
