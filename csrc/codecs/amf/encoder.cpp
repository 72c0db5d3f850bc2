#include "codecs/amf/encoder.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "api/video_codecs/video_codec.h"
#include "codecs/hardware/formats.h"
#include "codecs/hardware/nv12.h"
#include "codecs/hardware/temporal_id.h"

namespace sora {
namespace {

// What a codec calls its properties, and their values where codecs differ (AMF's VideoEncoderVCE.h, VideoEncoderHEVC.h and
// VideoEncoderAV1.h). Not every codec has a name for everything.
struct EncodedCodec {
  webrtc::VideoCodecType type;
  const char* name;
  const wchar_t* id;
  const wchar_t *usage, *size, *frame_rate, *profile, *rate_control, *low_latency, *period;
  const wchar_t *bit_rate, *peak, *buffer, *skip, *timeout;
  const wchar_t *force, *headers[2], *output;
  // Of temporal layers: how many there may be, how many there are, the most that the device has, and the one that a frame is in.
  const wchar_t *most_layers, *layers, *device_layers, *output_layer;
  // lowest_latency: 0 where it is on or off.
  int64_t ultra_low_latency, cbr, lowest_latency, key;
};

// Of `output`: an IDR frame, or a key frame of AV1.
constexpr int64_t kOutputIsKey = 0;
// The longest that QueryOutput may wait by itself, in ms.
constexpr int64_t kTimeout = 50;

constexpr EncodedCodec kEncoded[] = {
    {webrtc::kVideoCodecAV1,
     "AV1",
     L"AMFVideoEncoderHW_AV1",
     L"Av1Usage",
     L"Av1FrameSize",
     L"Av1FrameRate",
     L"Av1Profile",
     L"Av1RateControlMethod",
     L"Av1EncodingLatencyMode",
     L"Av1GOPSize",
     L"Av1TargetBitrate",
     L"Av1PeakBitrate",
     L"Av1VBVBufferSize",
     L"Av1RateControlSkipFrameEnable",
     L"Av1QueryTimeout",
     L"Av1ForceFrameType",
     {L"Av1ForceInsertSequenceHeader", nullptr},
     L"Av1OutputFrameType",
     L"Av1MaxNumOfTemporalLayers",
     L"Av1NumTemporalLayers",
     L"Av1CapMaxNumTemporalLayers",
     nullptr,  // it is in the bitstream
     2,
     3,
     3,
     1},
    {webrtc::kVideoCodecH264,
     "H264",
     L"AMFVideoEncoderVCE_AVC",
     L"Usage",
     L"FrameSize",
     L"FrameRate",
     L"Profile",
     L"RateControlMethod",
     L"LowLatencyInternal",
     L"IDRPeriod",
     L"TargetBitrate",
     L"PeakBitrate",
     L"VBVBufferSize",
     L"RateControlSkipFrameEnable",
     L"QueryTimeout",
     L"ForcePictureType",
     {L"InsertSPS", L"InsertPPS"},
     L"OutputDataType",
     L"MaxNumOfTemporalLayers",
     L"NumOfTemporalEnhancmentLayers",
     L"MaxTemporalLayers",
     L"OutputTemporalLayer",
     1,
     1,
     0,
     2},
    {webrtc::kVideoCodecH265,
     "H265",
     L"AMFVideoEncoderHW_HEVC",
     L"HevcUsage",
     L"HevcFrameSize",
     L"HevcFrameRate",
     L"HevcProfile",
     L"HevcRateControlMethod",
     L"LowLatencyInternal",
     L"HevcGOPSize",
     L"HevcTargetBitrate",
     L"HevcPeakBitrate",
     L"HevcVBVBufferSize",
     L"HevcRateControlSkipFrameEnable",
     L"HevcQueryTimeout",
     L"HevcForcePictureType",
     {L"HevcInsertHeader", nullptr},
     L"HevcOutputDataType",
     // libwebrtc has none of H265.
     nullptr,
     nullptr,
     nullptr,
     nullptr,
     1,
     3,
     0,
     2},
};

const EncodedCodec& Find(webrtc::VideoCodecType type) {
  return *std::find_if(std::begin(kEncoded), std::end(kEncoded), [&](const EncodedCodec& c) { return c.type == type; });
}

// The profile, and the same with constraints, which older runtimes do not know by name; 0: none.
std::pair<int64_t, int64_t> ProfilesOfAmf(const EncoderSettings& settings) {
  if (settings.codec != webrtc::kVideoCodecH264) return {1, 0};  // main
  switch (ProfileOf(settings.format)) {
    case webrtc::H264Profile::kProfileBaseline: return {66, 0};
    case webrtc::H264Profile::kProfileMain: return {77, 0};
    case webrtc::H264Profile::kProfileHigh: return {100, 0};
    case webrtc::H264Profile::kProfileConstrainedHigh: return {100, 257};
    default: return {66, 256};
  }
}

class AmfEncoder : public EncoderSession {
 public:
  AmfEncoder(std::shared_ptr<AmfContext> context, const EncoderSettings& settings)
      : names_(Find(settings.codec)),
        encoder_(std::move(context), names_.id),
        width_(settings.width),
        height_(settings.height),
        frames_per_second_(std::max(1.0, settings.rates.frames_per_second)),
        layered_(names_.layers && settings.temporal_layers > 1) {
    // The usage first: it sets all others.
    encoder_.Set(names_.usage, AmfInt(names_.ultra_low_latency));
    encoder_.Set(names_.size, AmfSize(width_, height_));
    encoder_.Set(names_.frame_rate, AmfRate(static_cast<uint32_t>(std::lround(frames_per_second_ * 1000)), 1000));
    const auto [profile, constrained] = ProfilesOfAmf(settings);
    encoder_.Set(names_.profile, AmfInt(profile));
    if (constrained) encoder_.Try(names_.profile, AmfInt(constrained));
    encoder_.Set(names_.rate_control, AmfInt(names_.cbr));
    encoder_.Set(names_.period, AmfInt(0));  // none: key frames come on request
    if (layered_) {
      encoder_.Set(names_.most_layers, AmfInt(settings.temporal_layers));
      encoder_.Set(names_.layers, AmfInt(settings.temporal_layers));
    }
    encoder_.Try(names_.low_latency, names_.lowest_latency ? AmfInt(names_.lowest_latency) : AmfBool(true));
    encoder_.Try(names_.skip, AmfBool(false));
    encoder_.Try(names_.timeout, AmfInt(kTimeout));
    SetRates(settings.rates);
    const amf::Result result = encoder_->Init(amf::kNv12, width_, height_);
    if (result == amf::kOutOfMemory || result == amf::kEncoderNotPresent)
      throw HardwareFailure(
          "AMFComponent::Init: " + std::to_string(result) + " (the device has no room for another encoder)",
          HardwareFailure::Kind::kLasting);
    Check(result, "AMFComponent::Init");
  }

  void SetRates(const Rates& rates) override {
    // A new frame rate would begin a new sequence: the rate control goes on counting with the first one, and is given the bits of
    // a frame.
    const double frame = rates.bits_per_second / std::max(1.0, rates.frames_per_second);
    const auto bits = std::clamp<int64_t>(std::llround(frame * frames_per_second_), kLeastBits, kMostBits);
    // The peak is never below the target, in any order of both.
    if (bits > bits_per_second_) encoder_.Set(names_.peak, AmfInt(bits));
    encoder_.Set(names_.bit_rate, AmfInt(bits));
    if (bits < bits_per_second_) encoder_.Set(names_.peak, AmfInt(bits));
    encoder_.Try(names_.buffer, AmfInt(std::max<int64_t>(std::llround(bits / frames_per_second_), kLeastBuffer)));
    bits_per_second_ = bits;
  }

  EncodedFrame Encode(webrtc::VideoFrameBuffer& frame, bool key) override {
    amf::Surface& surface = Surface();
    amf::Plane* const y = surface.GetPlane(amf::kPlaneY);
    amf::Plane* const uv = surface.GetPlane(amf::kPlaneUv);
    if (!y || !uv || !y->GetNative() || !uv->GetNative()) throw HardwareFailure("AMFSurface::GetPlane: no memory");
    if (!WriteNv12(
            frame,
            {static_cast<uint8_t*>(y->GetNative()), y->GetHPitch(), static_cast<uint8_t*>(uv->GetNative()), uv->GetHPitch()},
            width_, height_))
      throw HardwareFailure("the frame has a format that cannot be converted");
    surface.SetPts(std::llround(static_cast<double>(number_++) * kSecond / frames_per_second_));
    if (key) {
      Check(surface.SetProperty(names_.force, AmfInt(names_.key)), "AMFSurface::SetProperty");
      for (const wchar_t* headers : names_.headers)
        if (headers) Check(surface.SetProperty(headers, AmfBool(true)), "AMFSurface::SetProperty");
    }
    const amf::Result submitted = encoder_.Submit(&surface);
    if (submitted == amf::kNeedMoreInput) return {};
    Check(submitted, "AMFComponent::SubmitInput");
    AmfRef<amf::Data> data;
    Check(encoder_.Fetch(data), "AMFComponent::QueryOutput");
    // What it was asked for stays with a frame.
    if (key) surface_.Reset();
    const auto buffer = data.As<amf::Buffer>(amf::kBufferId);
    if (!buffer) throw HardwareFailure("AMFComponent::QueryOutput: no bytes");
    const auto* const bytes = static_cast<const uint8_t*>(buffer->GetNative());
    EncodedFrame encoded{webrtc::EncodedImageBuffer::Create(bytes, buffer->GetSize()),
                         AmfNumber(*buffer.get(), names_.output) == kOutputIsKey};
    if (layered_)
      encoded.temporal_id = names_.output_layer
                                ? static_cast<int>(AmfNumber(*buffer.get(), names_.output_layer).value_or(-1))
                                : TemporalIdOf(names_.type, {bytes, buffer->GetSize()});
    return encoded;
  }

 private:
  // What every device takes.
  static constexpr int64_t kLeastBits = 10'000, kMostBits = 100'000'000, kLeastBuffer = 1'000;
  // In units of time stamps.
  static constexpr double kSecond = 10'000'000;

  void Check(amf::Result result, const char* call) const { encoder_.context().Check(result, call); }

  // A frame in memory of the machine. One that the driver still uses, or has moved to the device's memory, is left to it.
  amf::Surface& Surface() {
    if (surface_ && (surface_->GetMemoryType() != amf::kHost || !surface_.IsAlone())) surface_.Reset();
    if (!surface_) {
      Check(encoder_.context().get().AllocSurface(amf::kHost, amf::kNv12, width_, height_, surface_.Out()),
            "AMFContext::AllocSurface");
      if (!surface_) throw HardwareFailure("AMFContext::AllocSurface: no memory");
    }
    return *surface_.get();
  }

  const EncodedCodec& names_;
  AmfComponent encoder_;
  const int width_, height_;
  const double frames_per_second_;  // that the session was opened with
  const bool layered_;              // there are several temporal layers
  int64_t bits_per_second_ = 0;
  AmfRef<amf::Surface> surface_;
  int64_t number_ = 0;
};

}  // namespace

HardwareCodec AmfEncoderCapability(const AmfContext& context, const std::string& codec) {
  const auto& names = Find(webrtc::PayloadStringToCodecType(codec));
  return AmfCapability(context, codec.c_str(), names.id, names.device_layers);
}

std::unique_ptr<EncoderSession> OpenAmfEncoder(std::shared_ptr<AmfDevice> device, const EncoderSettings& settings) {
  return std::make_unique<AmfEncoder>(device->Context(), settings);
}

}  // namespace sora
