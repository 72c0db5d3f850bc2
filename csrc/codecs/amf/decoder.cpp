#include "codecs/amf/decoder.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "codecs/frame_limit.h"
#include "codecs/hardware/nv12.h"

namespace sora {
namespace {

struct DecodedCodec {
  const char* name;
  const wchar_t* id;
};

constexpr DecodedCodec kDecoded[] = {{"VP9", L"AMFVideoDecoderHW_VP9"},
                                     {"AV1", L"AMFVideoDecoderHW_AV1"},
                                     {"H264", L"AMFVideoDecoderUVD_H264_AVC"},
                                     {"H265", L"AMFVideoDecoderHW_H265_HEVC"}};

const wchar_t* IdOf(const std::string& codec) {
  return std::find_if(std::begin(kDecoded), std::end(kDecoded), [&](const DecodedCodec& c) { return codec == c.name; })->id;
}

// AMF_VIDEO_DECODER_MODE_LOW_LATENCY: frames come in the order of the bitstream, at once; and AMF_TS_DECODE.
constexpr int64_t kLowLatency = 2, kInDecodingOrder = 2;

// What the driver says about a bitstream, rather than about itself.
bool IsBroken(amf::Result result) {
  return result == amf::kInvalidFormat || result == amf::kInvalidDataType || result == amf::kInvalidResolution ||
         result == amf::kCodecNotSupported || result == amf::kSurfaceFormatNotSupported;
}

class AmfDecoder : public DecoderSession {
 public:
  AmfDecoder(std::shared_ptr<AmfContext> context, const HardwareCodec& codec)
      : decoder_(std::move(context), IdOf(codec.name)), sizes_(codec.sizes) {
    decoder_.Set(L"ReorderMode", AmfInt(kLowLatency));
    decoder_.Set(L"TimestampMode", AmfInt(kInDecodingOrder));
    decoder_.Try(L"LowLatencyDecode", AmfBool(true));
    decoder_.Try(L"SurfaceCpu", AmfBool(true));
    // The size is not known yet: the decoder asks for it with the first frame.
    Init(std::clamp(1280, sizes_.min_width, sizes_.max_width), std::clamp(720, sizes_.min_height, sizes_.max_height));
  }

  rtc::scoped_refptr<webrtc::I420Buffer> Decode(const uint8_t* data, size_t size,
                                                webrtc::VideoFrameBufferPool& pool) override {
    amf::Data* next = &Input(data, size);
    rtc::scoped_refptr<webrtc::I420Buffer> shown;
    // A buffer takes a few calls: for another size, and for each frame that is in it.
    for (int i = 0; i < kMostCalls; ++i) {
      const amf::Result result = decoder_.Submit(next);
      if (result == amf::kResolutionChanged || result == amf::kResolutionUpdated) {
        if (!Resize()) return nullptr;
        continue;
      }
      if (IsBroken(result)) return nullptr;
      if (result == amf::kNeedMoreInput) return shown;
      const bool more = result == amf::kRepeat;
      if (!more) Check(result, "AMFComponent::SubmitInput");
      AmfRef<amf::Data> output;
      Check(decoder_.Fetch(output), "AMFComponent::QueryOutput");
      shown = Read(output, pool);
      if (!shown || !more) return shown;
      next = nullptr;
    }
    return shown;
  }

 private:
  static constexpr int kMostCalls = 16;
  // What parsers may read behind a frame.
  static constexpr size_t kPadding = 64;

  void Check(amf::Result result, const char* call) const { decoder_.context().Check(result, call); }

  void Init(int width, int height) { Check(decoder_->Init(amf::kNv12, width, height), "AMFComponent::Init"); }

  // Takes the size of a frame that was refused for it; false when that is not to be decoded.
  bool Resize() {
    amf::Variant size{};
    Check(decoder_->GetProperty(L"CurrentSize", &size), "AMFComponent::GetProperty");
    if (size.type != amf::kSize || !Fits(size.size.width, size.size.height)) return false;
    Check(decoder_->Drain(), "AMFComponent::Drain");
    for (int i = 0; i < kMostCalls; ++i) {
      AmfRef<amf::Data> old;
      const amf::Result result = decoder_.Fetch(old);
      if (result == amf::kEof) break;
      Check(result, "AMFComponent::QueryOutput");
    }
    decoder_->Terminate();
    Init(size.size.width, size.size.height);
    return true;
  }

  bool Fits(int width, int height) const {
    return width >= std::max(1, sizes_.min_width) && height >= std::max(1, sizes_.min_height) && width <= sizes_.max_width &&
           height <= sizes_.max_height && int64_t{width} * height <= kMaxPixels;
  }

  // The bytes in memory of AMF, which is used again unless the driver still reads it.
  amf::Buffer& Input(const uint8_t* data, size_t size) {
    if (buffer_ && (capacity_ < size + kPadding || !buffer_.IsAlone())) buffer_.Reset();
    if (!buffer_) {
      capacity_ = std::max(capacity_, 2 * size + kPadding);
      Check(decoder_.context().get().AllocBuffer(amf::kHost, capacity_, buffer_.Out()), "AMFContext::AllocBuffer");
    }
    Check(buffer_->SetSize(size), "AMFBuffer::SetSize");
    void* const memory = buffer_->GetNative();
    if (!memory) throw HardwareFailure("AMFBuffer::GetNative: no memory");
    std::memcpy(memory, data, size);
    return *buffer_.get();
  }

  // Null for what is not 8-bit 4:2:0, or too large.
  rtc::scoped_refptr<webrtc::I420Buffer> Read(const AmfRef<amf::Data>& output, webrtc::VideoFrameBufferPool& pool) const {
    const auto surface = output.As<amf::Surface>(amf::kSurfaceId);
    if (!surface) throw HardwareFailure("AMFComponent::QueryOutput: no frame");
    if (surface->GetFormat() != amf::kNv12) return nullptr;
    Check(surface->Convert(amf::kHost), "AMFData::Convert");
    amf::Plane* const y = surface->GetPlane(amf::kPlaneY);
    amf::Plane* const uv = surface->GetPlane(amf::kPlaneUv);
    if (!y || !uv || !y->GetNative() || !uv->GetNative()) throw HardwareFailure("AMFSurface::GetPlane: no memory");
    if (!Fits(y->GetWidth(), y->GetHeight())) return nullptr;
    const auto buffer = pool.CreateI420Buffer(y->GetWidth(), y->GetHeight());
    if (!buffer) throw HardwareFailure("too many decoded frames are held");
    ReadNv12({At(*y), y->GetHPitch(), At(*uv), uv->GetHPitch()}, *buffer);
    return buffer;
  }
  // Where what is shown begins.
  static uint8_t* At(amf::Plane& plane) {
    return static_cast<uint8_t*>(plane.GetNative()) + ptrdiff_t{plane.GetOffsetY()} * plane.GetHPitch() +
           ptrdiff_t{plane.GetOffsetX()} * plane.GetPixelSizeInBytes();
  }

  AmfComponent decoder_;
  const SizeLimits sizes_;
  AmfRef<amf::Buffer> buffer_;
  size_t capacity_ = 0;
};

}  // namespace

HardwareCodec AmfDecoderCapability(const AmfContext& context, const std::string& codec) {
  return AmfCapability(context, codec.c_str(), IdOf(codec), nullptr);
}

std::unique_ptr<DecoderSession> OpenAmfDecoder(std::shared_ptr<AmfDevice> device, const HardwareCodec& codec) {
  return std::make_unique<AmfDecoder>(device->Context(), codec);
}

}  // namespace sora
