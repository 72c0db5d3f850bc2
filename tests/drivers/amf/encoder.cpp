#include <algorithm>
#include <cwchar>
#include <memory>
#include <utility>

#include "amf/component.h"
#include "soft/headers.h"

namespace standin {
namespace {

// What a codec calls its properties.
struct Names {
  Codec codec;
  const wchar_t *id, *bit_rate, *frame_rate, *force, *insert, *insert_too, *output, *extra, *period, *profile, *header_mode,
      *timeout;
  // Of temporal layers; null: there are none, or the bitstream has it.
  const wchar_t *most_layers, *layers, *output_layer;
  // The value of `force` for a key frame, and of `output` for a frame between two; the period of key frames by itself.
  int64_t key, inter, usual_period;
};

constexpr Names kCodecs[] = {
    {Codec::kH264, L"AMFVideoEncoderVCE_AVC", L"TargetBitrate", L"FrameRate", L"ForcePictureType", L"InsertSPS",
     L"InsertPPS", L"OutputDataType", L"ExtraData", L"IDRPeriod", L"Profile", L"HeaderInsertionSpacing", L"QueryTimeout",
     L"MaxNumOfTemporalLayers", L"NumOfTemporalEnhancmentLayers", L"OutputTemporalLayer", 2, 2, 240},
    {Codec::kH265, L"AMFVideoEncoderHW_HEVC", L"HevcTargetBitrate", L"HevcFrameRate", L"HevcForcePictureType",
     L"HevcInsertHeader", L"HevcInsertHeader", L"HevcOutputDataType", L"HevcExtraData", L"HevcGOPSize", L"HevcProfile",
     L"HevcHeaderInsertionMode", L"HevcQueryTimeout", nullptr, nullptr, nullptr, 2, 2, 300},
    {Codec::kAv1, L"AMFVideoEncoderHW_AV1", L"Av1TargetBitrate", L"Av1FrameRate", L"Av1ForceFrameType",
     L"Av1ForceInsertSequenceHeader", L"Av1ForceInsertSequenceHeader", L"Av1OutputFrameType", L"Av1ExtraData", L"Av1GOPSize",
     L"Av1Profile", L"Av1HeaderInsertionMode", L"Av1QueryTimeout", L"Av1MaxNumOfTemporalLayers", L"Av1NumTemporalLayers",
     nullptr, 1, 2, 300},
};

int AlignUp(int size, int64_t factor) { return static_cast<int>((size + factor - 1) / factor * factor); }

class EncoderObject : public ComponentObject {
 public:
  EncoderObject(amf::Context* context, const Names& names) : ComponentObject(context, names.codec, true), names_(names) {}
  ~EncoderObject() override { End(); }

  amf::Result Init(amf::SurfaceFormat format, int32_t width, int32_t height) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("AMFComponent::Init")) return result;
    if (encoder_) {
      Misuse("AMFComponent::Init: it is initialized");
      return amf::kAlreadyInitialized;
    }
    if (format != amf::kNv12) {
      Misuse("AMFComponent::Init: the format must be NV12, not %d", format);
      return amf::kInvalidFormat;
    }
    if (!Fits(codec_, true, width, height)) return amf::kInvalidResolution;
    const int64_t limit = Get(Setting::kSessionLimit);
    if (limit > 0 && CountOpen(Kind::kSession) >= limit) return amf::kOutOfMemory;
    format_ = format;
    width_ = width;
    height_ = height;
    const int64_t profile = Int(names_.profile, 77), alignment = Get(Setting::kAlignment);
    settings_.codec = codec_;
    // What is coded is larger than the frame, and the stream says nothing of it (AMF #423).
    const bool aligned = alignment && codec_ == Codec::kAv1;
    settings_.width = aligned ? AlignUp(width, alignment / 100) : width;
    settings_.height = aligned ? AlignUp(height, alignment % 100) : height;
    settings_.rates = ReadRates();
    settings_.h264_profile = profile == 66 || profile == 256 ? 66 : profile == 77 ? 77 : 100;
    settings_.layers = names_.layers ? static_cast<int>(Int(names_.layers, 1)) : 1;
    if (settings_.layers > 1 && (settings_.layers > MostLayers() || settings_.layers > Int(names_.most_layers, 1))) {
      Misuse("AMFComponent::Init: there are more temporal layers than the device has, or than were announced");
      return amf::kInvalidArg;
    }
    encoder_ = MakeEncoder(settings_);
    if (!encoder_) return amf::kCodecNotSupported;
    Opened(Kind::kSession);
    frames_ = 0;
    waits_ = Int(names_.timeout, 0) > 0;
    auto* extra = new BufferObject(encoder_->Headers());
    amf::Variant value = {};
    value.type = amf::kInterface;
    value.interface = extra;
    Put(names_.extra, value);
    extra->Release();
    return amf::kOk;
  }

  amf::Result SubmitInput(amf::Data* data) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = Accept("AMFComponent::SubmitInput")) return result;
    auto* surface = dynamic_cast<SurfaceObject*>(data);
    if (!surface || surface->width() < width_ || surface->height() < height_) {
      Misuse("AMFComponent::SubmitInput: not a surface of this size");
      return amf::kInvalidArg;
    }
    return Code(*surface);
  }

 protected:
  bool IsOpen() const override { return encoder_ != nullptr; }
  void Close() override {
    encoder_ = nullptr;
    Closed(Kind::kSession);
  }

 private:
  Rates ReadRates() const {
    Rates rates{Int(names_.bit_rate, 20'000'000), 30};
    const auto found = properties().find(names_.frame_rate);
    if (found != properties().end() && found->second.type == amf::kRate && found->second.rate.denominator)
      rates.frames_per_second = static_cast<double>(found->second.rate.numerator) / found->second.rate.denominator;
    return rates;
  }

  amf::Result Code(SurfaceObject& surface) {
    const Rates rates = ReadRates();
    // A new frame rate begins a new sequence (AMF #494); a new bit rate does not.
    const bool other_frame_rate = rates.frames_per_second != settings_.rates.frames_per_second;
    if (other_frame_rate || rates.bits_per_second != settings_.rates.bits_per_second)
      encoder_->SetRates(settings_.rates = rates);
    Read(surface);
    const int64_t period = Int(names_.period, names_.usual_period);
    const bool due = period > 0 && frames_ % period == 0;
    // A period of IDR frames in H.264 goes before what a frame asks for.
    const bool asked = surface.Int(names_.force, 0) == names_.key && (codec_ != Codec::kH264 || period == 0);
    const bool key = frames_ == 0 || due || asked || other_frame_rate;
    Coded coded;
    if (!encoder_->Encode(picture_, key, coded)) return amf::kFail;
    const bool has_headers =
        frames_ == 0 || (surface.Int(names_.insert, 0) && surface.Int(names_.insert_too, 0)) || Int(names_.header_mode, 0);
    if (key && !has_headers) coded.bytes = WithoutParameterSets(codec_, coded.bytes);
    // Some frames are moved to the device's memory for good.
    if (++frames_ % 4 == 0) surface.Move(amf::kVulkan);
    auto* buffer = new BufferObject(std::move(coded.bytes));
    // What hangs on the frame comes back with its bytes.
    for (const auto& [name, value] : surface.properties()) buffer->Put(name.c_str(), value);
    buffer->SetPts(surface.GetPts());
    buffer->SetDuration(surface.GetDuration());
    buffer->PutInt(names_.output, coded.key ? 0 : names_.inter);
    if (names_.output_layer) buffer->PutInt(names_.output_layer, coded.temporal_id);
    Finish(buffer);
    CountFrame();
    return amf::kOk;
  }

  // A frame of the size that is coded, with its last column and line repeated.
  void Read(SurfaceObject& surface) {
    picture_.Resize(settings_.width, settings_.height);
    if (settings_.width == width_ && settings_.height == height_ && surface.width() == width_ && surface.height() == height_)
      return surface.Read(picture_);
    whole_.Resize(surface.width(), surface.height());
    surface.Read(whole_);
    Extend(picture_.y, settings_.width, settings_.height, whole_.y, surface.width(), width_, height_);
    for (auto [to, from] : {std::pair(&picture_.u, &whole_.u), std::pair(&picture_.v, &whole_.v)})
      Extend(*to, settings_.width / 2, settings_.height / 2, *from, surface.width() / 2, width_ / 2, height_ / 2);
  }
  static void Extend(std::vector<uint8_t>& to, int width, int height, const std::vector<uint8_t>& from, int pitch,
                     int columns, int rows) {
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        to[static_cast<size_t>(y * width + x)] =
            from[static_cast<size_t>(std::min(y, rows - 1) * pitch + std::min(x, columns - 1))];
  }

  const Names& names_;
  EncoderSettings settings_;
  int32_t width_ = 0, height_ = 0;  // of the frames
  std::unique_ptr<Encoder> encoder_;
  Picture picture_, whole_;
  int64_t frames_ = 0;
};

}  // namespace

amf::Component* NewEncoder(amf::Context* context, const wchar_t* id) {
  for (const Names& names : kCodecs)
    if (!wcscmp(names.id, id) && CanEncode(names.codec)) return new EncoderObject(context, names);
  return nullptr;
}

}  // namespace standin
