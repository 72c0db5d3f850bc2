#include <deque>
#include <memory>
#include <optional>

#include "amf/component.h"
#include "amf/data.h"
#include "soft/codec.h"
#include "soft/headers.h"

namespace standin {
namespace {

// What a codec calls its properties.
struct Names {
  Codec codec;
  const wchar_t *id, *bit_rate, *frame_rate, *force, *insert, *output, *qp, *extra, *period, *profile, *header_mode;
  // The value of `force` for a key frame, and of `output` for a frame between two.
  int64_t key, inter;
};

constexpr Names kCodecs[] = {
    {Codec::kH264, L"AMFVideoEncoderVCE_AVC", L"TargetBitrate", L"FrameRate", L"ForcePictureType", L"InsertSPS",
     L"OutputDataType", L"StatisticsFeedbackAvgQP", L"ExtraData", L"IDRPeriod", L"Profile", L"HeaderInsertionSpacing", 2, 2},
    {Codec::kH265, L"AMFVideoEncoderHW_HEVC", L"HevcTargetBitrate", L"HevcFrameRate", L"HevcForcePictureType",
     L"HevcInsertHeader", L"HevcOutputDataType", L"HevcStatisticsFeedbackAvgQP", L"HevcExtraData", L"HevcGOPSize",
     L"HevcProfile", L"HevcHeaderInsertionMode", 2, 2},
    {Codec::kAv1, L"AMFVideoEncoderHW_AV1", L"Av1TargetBitrate", L"Av1FrameRate", L"Av1ForceFrameType",
     L"Av1ForceInsertSequenceHeader", L"Av1OutputFrameType", L"Av1StatisticsFeedbackAvgQIndex", L"Av1ExtraData",
     L"Av1GOPSize", L"Av1Profile", L"Av1HeaderInsertionMode", 1, 2},
};

class IoCapsObject : public Counted<amf::IoCaps> {
 public:
  IoCapsObject() : Counted(Kind::kLoader) {}
  void GetWidthRange(int32_t* least, int32_t* most) const override { *least = 128, *most = 4096; }
  void GetHeightRange(int32_t* least, int32_t* most) const override { *least = 96, *most = 4096; }
  int32_t GetVertAlign() const override { return 2; }
  int32_t GetNumOfFormats() const override { return 1; }
  amf::Result GetFormatAt(int32_t index, amf::SurfaceFormat* format, bool* native) const override {
    *format = amf::kNv12;
    *native = true;
    return index == 0 ? amf::kOk : amf::kInvalidArg;
  }
  int32_t GetNumOfMemoryTypes() const override { return 1; }
  amf::Result GetMemoryTypeAt(int32_t index, amf::MemoryType* type, bool* native) const override {
    *type = amf::kHost;
    *native = true;
    return index == 0 ? amf::kOk : amf::kInvalidArg;
  }
  bool IsInterlacedSupported() const override { return false; }
};

class CapsObject : public Storage<amf::Caps> {
 public:
  CapsObject() : Storage(Kind::kLoader) {
    PutInt(L"Av1WidthAlignmentFactor", 1);
    PutInt(L"Av1HeightAlignmentFactor", 1);
    PutInt(L"MaxProfile", 100);
    PutInt(L"MaxLevel", 51);
  }
  // AMF_ACCEL_HARDWARE
  int32_t GetAccelerationType() const override { return 0; }
  amf::Result GetInputCaps(amf::IoCaps** out) override { return Hand(out); }
  amf::Result GetOutputCaps(amf::IoCaps** out) override { return Hand(out); }

 private:
  static amf::Result Hand(amf::IoCaps** out) {
    *out = new IoCapsObject();
    return amf::kOk;
  }
};

class EncoderObject : public Storage<amf::Component> {
 public:
  EncoderObject(amf::Context* context, const Names& names) : Storage(Kind::kComponent), context_(context), names_(names) {}
  ~EncoderObject() override { End(); }

  size_t GetPropertiesInfoCount() const override { return 0; }
  amf::Result GetPropertyInfoAt(size_t, const void**) const override { return amf::kNotFound; }
  amf::Result GetPropertyInfo(const wchar_t*, const void**) const override { return amf::kNotFound; }
  amf::Result ValidateProperty(const wchar_t*, amf::Variant, amf::Variant*) const override { return amf::kOk; }

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
    if (width < 128 || height < 96 || width > 4096 || height > 4096) return amf::kInvalidResolution;
    const int64_t limit = Get(Setting::kSessionLimit);
    if (limit > 0 && CountOpen(Kind::kSession) >= limit) return amf::kOutOfMemory;
    const int64_t profile = Int(names_.profile, 100);
    settings_.codec = names_.codec;
    settings_.width = width;
    settings_.height = height;
    settings_.rates = ReadRates();
    settings_.h264_profile = profile == 66 || profile == 256 ? 66 : profile == 77 ? 77 : 100;
    encoder_ = MakeEncoder(settings_);
    if (!encoder_) return amf::kCodecNotSupported;
    Opened(Kind::kSession);
    auto* extra = new BufferObject(encoder_->Headers());
    amf::Variant value = {};
    value.type = amf::kInterface;
    value.interface = extra;
    Put(names_.extra, value);
    extra->Release();
    return amf::kOk;
  }
  amf::Result ReInit(int32_t width, int32_t height) override {
    End();
    return Init(amf::kNv12, width, height);
  }
  amf::Result Terminate() override {
    std::lock_guard lock(Mutex());
    Enter("AMFComponent::Terminate", true);
    End();
    return amf::kOk;
  }
  amf::Result Drain() override {
    draining_ = true;
    return amf::kOk;
  }
  amf::Result Flush() override {
    std::lock_guard lock(Mutex());
    for (amf::Data* data : coded_) data->Release();
    coded_.clear();
    return amf::kOk;
  }

  amf::Result SubmitInput(amf::Data* data) override {
    std::lock_guard lock(Mutex());
    const Verdict verdict = Enter("AMFComponent::SubmitInput");
    if (verdict == Verdict::kFail) return amf::kFail;
    if (verdict == Verdict::kLost) return amf::kNoDevice;
    if (!encoder_) return amf::kNotInitialized;
    // The queue holds so many frames that nobody has fetched yet.
    if (verdict == Verdict::kBusy || coded_.size() >= 16) return amf::kInputFull;
    auto* surface = dynamic_cast<SurfaceObject*>(data);
    if (!surface || surface->width() < settings_.width || surface->height() < settings_.height) {
      Misuse("AMFComponent::SubmitInput: not a surface of this size");
      return amf::kInvalidArg;
    }
    return Code(*surface);
  }
  amf::Result QueryOutput(amf::Data** data) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("AMFComponent::QueryOutput")) return result;
    *data = nullptr;
    if (!encoder_) return amf::kNotInitialized;
    if (coded_.empty()) return draining_ ? amf::kEof : amf::kRepeat;
    *data = coded_.front();
    coded_.pop_front();
    return amf::kOk;
  }
  amf::Context* GetContext() override { return context_; }
  amf::Result SetOutputDataAllocatorCB(void*) override { return amf::kNotImplemented; }
  amf::Result GetCaps(amf::Caps** caps) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("AMFComponent::GetCaps")) return result;
    *caps = new CapsObject();
    return amf::kOk;
  }
  amf::Result Optimize(void*) override { return amf::kNotImplemented; }

 private:
  void End() {
    if (!encoder_) return;
    encoder_ = nullptr;
    Flush();
    Closed(Kind::kSession);
  }

  Rates ReadRates() const {
    Rates rates{Int(names_.bit_rate, 2'000'000), 30};
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
    amf::Plane *y = surface.GetPlaneAt(0), *uv = surface.GetPlaneAt(1);
    picture_.Resize(settings_.width, settings_.height);
    FromNv12(picture_, static_cast<uint8_t*>(y->GetNative()), static_cast<size_t>(y->GetHPitch()),
             static_cast<uint8_t*>(uv->GetNative()), static_cast<size_t>(uv->GetHPitch()));
    const int64_t period = Int(names_.period, 0);
    const bool due = period > 0 && frames_ % period == 0;
    const bool asked = surface.Int(names_.force, 0) == names_.key;
    Coded coded;
    if (!encoder_->Encode(picture_, frames_ == 0 || due || asked || other_frame_rate, coded)) return amf::kFail;
    const bool has_headers = frames_ == 0 || surface.Int(names_.insert, 0) || Int(names_.header_mode, 0);
    if (coded.key && !has_headers) coded.bytes = WithoutParameterSets(names_.codec, coded.bytes);
    ++frames_;
    auto* buffer = new BufferObject(std::move(coded.bytes));
    // What hangs on the frame comes back with its bytes.
    for (const auto& [name, value] : surface.properties()) buffer->Put(name.c_str(), value);
    buffer->SetPts(surface.GetPts());
    buffer->SetDuration(surface.GetDuration());
    buffer->PutInt(names_.output, coded.key ? 0 : names_.inter);
    buffer->PutInt(names_.qp, coded.qp);
    coded_.push_back(buffer);
    CountFrame();
    return amf::kOk;
  }

  amf::Context* const context_;
  const Names& names_;
  EncoderSettings settings_;
  std::unique_ptr<Encoder> encoder_;
  Picture picture_;
  std::deque<amf::Data*> coded_;
  int64_t frames_ = 0;
  bool draining_ = false;
};

}  // namespace

amf::Component* NewComponent(amf::Context* context, const wchar_t* id) {
  for (const Names& names : kCodecs)
    if (!wcscmp(names.id, id) && CanEncode(names.codec)) return new EncoderObject(context, names);
  return nullptr;
}

}  // namespace standin
