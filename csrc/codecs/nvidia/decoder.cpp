// A build over a libwebrtc of one's own (-Dwebrtc) may have no headers of NVIDIA's.
#if __has_include(<ffnvcodec/nvEncodeAPI.h>)
#include "codecs/nvidia/decoder.h"

#include <libyuv.h>

#include <algorithm>
#include <exception>
#include <string>

#include "codecs/frame_limit.h"

namespace sora {
namespace {

struct DecodedCodec {
  const char* name;
  cudaVideoCodec id;
};

constexpr DecodedCodec kDecoded[] = {{"VP8", cudaVideoCodec_VP8},
                                     {"VP9", cudaVideoCodec_VP9},
                                     {"AV1", cudaVideoCodec_AV1},
                                     {"H264", cudaVideoCodec_H264},
                                     {"H265", cudaVideoCodec_HEVC}};

class NvDecoder : public DecoderSession {
 public:
  NvDecoder(std::shared_ptr<NvDevice> device, const HardwareCodec& codec) : device_(std::move(device)), sizes_(codec.sizes) {
    const NvDevice::Current current(*device_);
    CUVIDPARSERPARAMS parameters{};
    parameters.CodecType = std::find_if(std::begin(kDecoded), std::end(kDecoded), [&](const DecodedCodec& c) {
                             return codec.name == c.name;
                           })->id;
    parameters.ulMaxNumDecodeSurfaces = 1;
    parameters.ulMaxDisplayDelay = 0;
    parameters.pUserData = this;
    parameters.pfnSequenceCallback = [](void* self, CUVIDEOFORMAT* format) {
      return Guarded(self, [&](NvDecoder& decoder) { return decoder.OnSequence(*format); });
    };
    parameters.pfnDecodePicture = [](void* self, CUVIDPICPARAMS* picture) {
      return Guarded(self, [&](NvDecoder& decoder) { return decoder.OnPicture(*picture); });
    };
    parameters.pfnDisplayPicture = [](void* self, CUVIDPARSERDISPINFO* display) {
      return Guarded(self, [&](NvDecoder& decoder) { return display ? decoder.OnDisplay(*display) : 1; });
    };
    device_->Check(library().cuvidCreateVideoParser(&parser_, &parameters), "cuvidCreateVideoParser");
  }

  ~NvDecoder() override {
    if (parser_) library().cuvidDestroyVideoParser(parser_);
    Close();
  }

  rtc::scoped_refptr<webrtc::I420Buffer> Decode(const uint8_t* data, size_t size,
                                                webrtc::VideoFrameBufferPool& pool) override {
    const NvDevice::Current current(*device_);
    pool_ = &pool;
    shown_ = nullptr;
    refused_ = false;
    failure_ = nullptr;
    CUVIDSOURCEDATAPACKET packet{};
    packet.payload = data;
    packet.payload_size = static_cast<tcu_ulong>(size);
    // Otherwise the parser waits for the beginning of the next frame.
    packet.flags = CUVID_PKT_ENDOFPICTURE;
    const CUresult result = library().cuvidParseVideoData(parser_, &packet);
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (refused_) return nullptr;
    device_->Check(result, "cuvidParseVideoData");
    return std::move(shown_);
  }

 private:
  NvLibrary& library() const { return device_->library(); }

  // No exception may pass through the driver; what is thrown is kept, and 0 ends the parser's call.
  template <typename Body>
  static int Guarded(void* self, Body body) {
    auto& decoder = *static_cast<NvDecoder*>(self);
    if (decoder.failure_ || decoder.refused_) return 0;
    try {
      return body(decoder);
    } catch (...) {
      decoder.failure_ = std::current_exception();
      return 0;
    }
  }

  int Refuse() {
    refused_ = true;
    return 0;
  }

  // A first sequence, or another format: returns how many surfaces there are, 0 to refuse it.
  int OnSequence(const CUVIDEOFORMAT& format) {
    const auto width = static_cast<int>(format.coded_width), height = static_cast<int>(format.coded_height);
    if (format.chroma_format != cudaVideoChromaFormat_420 || format.bit_depth_luma_minus8 != 0 || width < sizes_.min_width ||
        height < sizes_.min_height || width > sizes_.max_width || height > sizes_.max_height ||
        uint64_t{format.coded_width} * format.coded_height > kMaxPixels)
      return Refuse();
    const auto& area = format.display_area;
    if (area.left < 0 || area.top < 0 || area.right <= area.left || area.bottom <= area.top || area.right > width ||
        area.bottom > height)
      return Refuse();
    Close();
    // To whole samples of chroma: a part of another size than its target would be scaled.
    const int left = area.left & ~1, top = area.top & ~1;
    width_ = area.right - left;
    height_ = area.bottom - top;
    surface_height_ = (height_ + 1) & ~1;
    surfaces_ = std::max<int>(format.min_num_decode_surfaces, 1);
    CUVIDDECODECREATEINFO info{};
    info.CodecType = format.codec;
    info.ChromaFormat = format.chroma_format;
    info.OutputFormat = cudaVideoSurfaceFormat_NV12;
    info.DeinterlaceMode = cudaVideoDeinterlaceMode_Weave;
    info.ulCreationFlags = cudaVideoCreate_PreferCUVID;
    info.ulNumDecodeSurfaces = static_cast<tcu_ulong>(surfaces_);
    info.ulNumOutputSurfaces = 1;
    info.ulWidth = info.ulMaxWidth = format.coded_width;
    info.ulHeight = info.ulMaxHeight = format.coded_height;
    info.ulTargetWidth = static_cast<tcu_ulong>((width_ + 1) & ~1);
    info.ulTargetHeight = static_cast<tcu_ulong>(surface_height_);
    info.display_area.left = static_cast<short>(left);
    info.display_area.top = static_cast<short>(top);
    info.display_area.right = static_cast<short>(std::min(left + ((width_ + 1) & ~1), width));
    info.display_area.bottom = static_cast<short>(std::min(top + surface_height_, height));
    device_->Check(library().cuvidCreateDecoder(&decoder_, &info), "cuvidCreateDecoder");
    return surfaces_;
  }

  int OnPicture(CUVIDPICPARAMS& picture) {
    if (!decoder_ || picture.CurrPicIdx < 0 || picture.CurrPicIdx >= surfaces_) return Refuse();
    device_->Check(library().cuvidDecodePicture(decoder_, &picture), "cuvidDecodePicture");
    return 1;
  }

  int OnDisplay(const CUVIDPARSERDISPINFO& display) {
    if (!decoder_) return Refuse();
    CUVIDPROCPARAMS parameters{};
    parameters.progressive_frame = display.progressive_frame;
    parameters.top_field_first = display.top_field_first;
    parameters.unpaired_field = display.repeat_first_field < 0;
    unsigned long long frame = 0;
    unsigned int pitch = 0;
    device_->Check(library().cuvidMapVideoFrame64(decoder_, display.picture_index, &frame, &pitch, &parameters),
                   "cuvidMapVideoFrame64");
    struct Unmap {
      NvDecoder& decoder;
      unsigned long long frame;
      ~Unmap() { decoder.library().cuvidUnmapVideoFrame64(decoder.decoder_, frame); }
    } const unmap{*this, frame};
    if (library().cuvidGetDecodeStatus) {
      // Mapping waits for the frame.
      CUVIDGETDECODESTATUS status{};
      if (library().cuvidGetDecodeStatus(decoder_, display.picture_index, &status) == CUDA_SUCCESS &&
          (status.decodeStatus == cuvidDecodeStatus_Error || status.decodeStatus == cuvidDecodeStatus_Error_Concealed))
        return Refuse();
    }
    const auto buffer = pool_->CreateI420Buffer(width_, height_);
    if (!buffer) throw HardwareFailure("too many decoded frames are held");
    // Luma goes where it stays; chroma is split on the way.
    Copy(frame, pitch, buffer->MutableDataY(), buffer->StrideY(), width_, height_);
    const int chroma_width = (width_ + 1) / 2, chroma_height = (height_ + 1) / 2;
    chroma_.resize(static_cast<size_t>(2 * chroma_width) * static_cast<size_t>(chroma_height));
    Copy(frame + static_cast<unsigned long long>(surface_height_) * pitch, pitch, chroma_.data(), 2 * chroma_width,
         2 * chroma_width, chroma_height);
    libyuv::SplitUVPlane(chroma_.data(), 2 * chroma_width, buffer->MutableDataU(), buffer->StrideU(), buffer->MutableDataV(),
                         buffer->StrideV(), chroma_width, chroma_height);
    shown_ = buffer;
    return 1;
  }

  // Copies lines from the device.
  void Copy(CUdeviceptr from, unsigned int pitch, uint8_t* to, int stride, int width, int height) {
    CUDA_MEMCPY2D copy{};
    copy.srcMemoryType = CU_MEMORYTYPE_DEVICE;
    copy.srcDevice = from;
    copy.srcPitch = pitch;
    copy.dstMemoryType = CU_MEMORYTYPE_HOST;
    copy.dstHost = to;
    copy.dstPitch = static_cast<size_t>(stride);
    copy.WidthInBytes = static_cast<size_t>(width);
    copy.Height = static_cast<size_t>(height);
    device_->Check(library().cuMemcpy2D(&copy), "cuMemcpy2D");
  }

  void Close() {
    if (decoder_) library().cuvidDestroyDecoder(decoder_);
    decoder_ = nullptr;
  }

  const std::shared_ptr<NvDevice> device_;
  const SizeLimits sizes_;
  CUvideoparser parser_ = nullptr;
  CUvideodecoder decoder_ = nullptr;
  int surfaces_ = 0;
  int surface_height_ = 0;      // of luma, after which chroma follows
  int width_ = 0, height_ = 0;  // what is shown
  std::vector<uint8_t> chroma_;
  // Of the call of Decode that is running.
  webrtc::VideoFrameBufferPool* pool_ = nullptr;
  rtc::scoped_refptr<webrtc::I420Buffer> shown_;
  bool refused_ = false;
  std::exception_ptr failure_;
};

}  // namespace

std::vector<HardwareCodec> NvDecoders(const NvDevice& device) {
  const NvDevice::Current current(device);
  std::vector<HardwareCodec> codecs;
  for (const auto& codec : kDecoded) {
    CUVIDDECODECAPS caps{};
    caps.eCodecType = codec.id;
    caps.eChromaFormat = cudaVideoChromaFormat_420;
    device.Check(device.library().cuvidGetDecoderCaps(&caps), "cuvidGetDecoderCaps");
    if (!caps.bIsSupported || !(caps.nOutputFormatMask & 1u << cudaVideoSurfaceFormat_NV12)) continue;
    codecs.push_back(
        {codec.name,
         {caps.nMinWidth, caps.nMinHeight, static_cast<int>(caps.nMaxWidth), static_cast<int>(caps.nMaxHeight)}});
  }
  return codecs;
}

std::unique_ptr<DecoderSession> OpenNvDecoder(std::shared_ptr<NvDevice> device, const HardwareCodec& codec) {
  return std::make_unique<NvDecoder>(std::move(device), codec);
}

}  // namespace sora

#endif
