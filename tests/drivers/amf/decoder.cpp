#include <cwchar>
#include <deque>
#include <memory>

#include "amf/component.h"
#include "soft/headers.h"

namespace standin {
namespace {

struct Id {
  Codec codec;
  const wchar_t* id;
};

constexpr Id kCodecs[] = {{Codec::kH264, L"AMFVideoDecoderUVD_H264_AVC"},
                          {Codec::kH265, L"AMFVideoDecoderHW_H265_HEVC"},
                          {Codec::kAv1, L"AMFVideoDecoderHW_AV1"},
                          {Codec::kVp9, L"AMFVideoDecoderHW_VP9"}};

// AMF_VIDEO_DECODER_MODE_LOW_LATENCY
constexpr int64_t kLowLatency = 2;

class DecoderObject : public ComponentObject {
 public:
  DecoderObject(amf::Context* context, Codec codec) : ComponentObject(context, codec, false) {}
  ~DecoderObject() override { End(); }

  amf::Result Init(amf::SurfaceFormat format, int32_t width, int32_t height) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("AMFComponent::Init")) return result;
    if (decoder_) {
      Misuse("AMFComponent::Init: it is initialized");
      return amf::kAlreadyInitialized;
    }
    // FFmpeg leaves the format to the decoder, and the size when it does not know it.
    if (format != amf::kNv12 && format != amf::kUnknownFormat) {
      Misuse("AMFComponent::Init: the format must be NV12, not %d", format);
      return amf::kSurfaceFormatNotSupported;
    }
    if ((width || height || format) && !Fits(codec_, false, width, height)) return amf::kInvalidResolution;
    decoder_ = MakeDecoder(codec_);
    if (!decoder_) return amf::kDecoderNotPresent;
    Opened(Kind::kDecoder);
    format_ = format;
    width_ = width;
    height_ = height;
    // Frames in their order of reference wait for those that may come in front of them.
    delay_ = Int(L"ReorderMode", 0) == kLowLatency || Int(L"LowLatencyDecode", 0) ? 0 : 1;
    PutInt(L"OutputDecodeFormat", amf::kNv12);
    return amf::kOk;
  }

  amf::Result SubmitInput(amf::Data* data) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = Accept("AMFComponent::SubmitInput")) return result;
    if (!data) return More();
    auto* buffer = dynamic_cast<BufferObject*>(data);
    if (!buffer || buffer->GetSize() == 0 || !more_.empty()) {
      Misuse("AMFComponent::SubmitInput: %s",
             buffer ? "no bytes, or the frames of the last buffer were not fetched" : "not a buffer");
      return amf::kInvalidArg;
    }
    const auto* bytes = static_cast<const uint8_t*>(buffer->GetNative());
    const Header header = ReadHeader(codec_, bytes, buffer->GetSize());
    if (header.sequence && (header.width != width_ || header.height != height_)) {
      amf::Variant size = {};
      size.type = amf::kSize;
      size.size = {header.width, header.height};
      Put(L"CurrentSize", size);
      // Nothing is consumed.
      return amf::kResolutionChanged;
    }
    std::vector<Picture> pictures;
    // What is broken has no frame, as far as a client sees.
    decoder_->Decode(bytes, buffer->GetSize(), pictures);
    for (Picture& picture : pictures) {
      const Work work;
      auto* surface = new SurfaceObject(picture);
      for (const auto& [name, value] : buffer->properties()) surface->Put(name.c_str(), value);
      surface->SetPts(buffer->GetPts());
      surface->SetDuration(buffer->GetDuration());
      more_.push_back(surface);
    }
    return More();
  }

 protected:
  bool IsOpen() const override { return decoder_ != nullptr; }
  void Close() override {
    decoder_ = nullptr;
    for (amf::Data* data : more_) data->Release();
    more_.clear();
    Closed(Kind::kDecoder);
  }

 private:
  // One frame for each call: the client asks for more until there is none.
  amf::Result More() {
    if (more_.empty()) return amf::kNeedMoreInput;
    Finish(more_.front());
    more_.pop_front();
    CountFrame();
    return more_.empty() ? amf::kOk : amf::kRepeat;
  }

  std::unique_ptr<Decoder> decoder_;
  int32_t width_ = 0, height_ = 0;
  // Of the last buffer.
  std::deque<amf::Data*> more_;
};

}  // namespace

amf::Component* NewDecoder(amf::Context* context, const wchar_t* id) {
  for (const auto& [codec, known] : kCodecs)
    if (!wcscmp(known, id) && CanDecode(codec)) return new DecoderObject(context, codec);
  return nullptr;
}

}  // namespace standin
