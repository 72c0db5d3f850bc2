// What the device of AMF's stand-in can do.
#include "amf/component.h"

namespace standin {
namespace {

class IoCapsObject : public Counted<amf::IoCaps> {
 public:
  explicit IoCapsObject(CodedSizes sizes) : Counted(Kind::kLoader), sizes_(sizes) {}
  void GetWidthRange(int32_t* least, int32_t* most) const override {
    *least = sizes_.least_width, *most = sizes_.most_width;
  }
  void GetHeightRange(int32_t* least, int32_t* most) const override {
    *least = sizes_.least_height, *most = sizes_.most_height;
  }
  int32_t GetVertAlign() const override { return 2; }
  int32_t GetNumOfFormats() const override { return 1; }
  amf::Result GetFormatAt(int32_t index, amf::SurfaceFormat* format, bool* native) const override {
    *format = amf::kNv12;
    *native = true;
    return index == 0 ? amf::kOk : amf::kInvalidArg;
  }
  int32_t GetNumOfMemoryTypes() const override { return 2; }
  amf::Result GetMemoryTypeAt(int32_t index, amf::MemoryType* type, bool* native) const override {
    *type = index == 0 ? amf::kVulkan : amf::kHost;
    *native = index == 0;
    return index == 0 || index == 1 ? amf::kOk : amf::kInvalidArg;
  }
  bool IsInterlacedSupported() const override { return false; }

 private:
  const CodedSizes sizes_;
};

class CapsObject : public Storage<amf::Caps> {
 public:
  CapsObject(Codec codec, bool encodes) : Storage(Kind::kLoader), sizes_(SizesOf(codec, encodes)) {
    if (!encodes) return;
    if (codec == Codec::kAv1) {
      const int64_t alignment = Get(Setting::kAlignment);
      PutInt(L"Av1WidthAlignmentFactor", alignment ? alignment / 100 : 1);
      PutInt(L"Av1HeightAlignmentFactor", alignment ? alignment % 100 : 1);
    }
    if (codec == Codec::kH265) PutInt(L"HevcMaxLevel", (Get(Setting::kLevel) ? Get(Setting::kLevel) : 51) * 3);
    if (codec == Codec::kAv1) PutInt(L"Av1CapMaxNumTemporalLayers", MostLayers());
    if (codec == Codec::kH264) PutInt(L"MaxTemporalLayers", MostLayers());
    if (codec == Codec::kH264) PutInt(L"MaxProfile", 100);
    if (codec == Codec::kH264) PutInt(L"MaxLevel", 51);
  }
  amf::Acceleration GetAccelerationType() const override { return amf::kHardware; }
  amf::Result GetInputCaps(amf::IoCaps** out) override { return Hand(out); }
  amf::Result GetOutputCaps(amf::IoCaps** out) override { return Hand(out); }

 private:
  amf::Result Hand(amf::IoCaps** out) {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("AMFCaps::GetInputCaps")) return result;
    *out = new IoCapsObject(sizes_);
    return amf::kOk;
  }

  const CodedSizes sizes_;
};

}  // namespace

CodedSizes SizesOf(Codec, bool encodes) {
  return encodes ? CodedSizes{128, 96, 4096, 4096} : CodedSizes{16, 16, 4096, 4096};
}

bool Fits(Codec codec, bool encodes, int32_t width, int32_t height) {
  const CodedSizes sizes = SizesOf(codec, encodes);
  return width >= sizes.least_width && height >= sizes.least_height && width <= sizes.most_width &&
         height <= sizes.most_height;
}

amf::Caps* NewCaps(Codec codec, bool encodes) { return new CapsObject(codec, encodes); }

}  // namespace standin
