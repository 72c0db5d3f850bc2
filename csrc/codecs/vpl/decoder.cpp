// Debian has headers of VPL, as Intel has GPUs, for x86 alone.
#if __has_include(<vpl/mfx.h>)
#include "codecs/vpl/decoder.h"

#include <algorithm>

#include "codecs/frame_limit.h"
#include "codecs/hardware/nv12.h"

namespace sora {
namespace {

class VplDecoder : public DecoderSession {
 public:
  VplDecoder(std::shared_ptr<VplDevice> device, const HardwareCodec& codec)
      : codec_(VplCodecId(codec.name)), sizes_(codec.sizes), session_(std::move(device)) {}
  ~VplDecoder() override { Close(); }

  rtc::scoped_refptr<webrtc::I420Buffer> Decode(const uint8_t* data, size_t size,
                                                webrtc::VideoFrameBufferPool& pool) override {
    mfxBitstream bitstream{};
    bitstream.CodecId = codec_;
    bitstream.Data = const_cast<mfxU8*>(data);
    bitstream.DataLength = bitstream.MaxLength = static_cast<mfxU32>(size);
    // Otherwise a frame waits for the beginning of the next one.
    bitstream.DataFlag = MFX_BITSTREAM_COMPLETE_FRAME;
    if (!opened_ && !Open(bitstream)) return nullptr;
    rtc::scoped_refptr<webrtc::I420Buffer> shown;
    // A frame takes a few calls: for more memory, for another size, for hidden frames before it.
    for (int i = 0; i < kMostCalls; ++i) {
      mfxFrameSurface1* out = nullptr;
      mfxSyncPoint point = nullptr;
      mfxFrameSurface1& work = surfaces_.Free();
      const mfxStatus status =
          VplSession::WhileBusy([&] { return library().DecodeFrameAsync(session_.get(), &bitstream, &work, &out, &point); });
      if (status == MFX_ERR_MORE_SURFACE || status == MFX_WRN_VIDEO_PARAM_CHANGED) continue;
      if (status == MFX_ERR_MORE_DATA) return shown;
      if (status == MFX_ERR_INCOMPATIBLE_VIDEO_PARAM) {
        Close();
        if (!Open(bitstream)) return nullptr;
        continue;
      }
      // The driver's words for a bitstream that it makes no sense of.
      if (status == MFX_ERR_UNDEFINED_BEHAVIOR || status == MFX_ERR_INVALID_VIDEO_PARAM) return nullptr;
      CheckVpl(status, "MFXVideoDECODE_DecodeFrameAsync");
      if (!out || !point) continue;
      session_.Sync(point);
      if (out->Data.Corrupted) return nullptr;
      shown = Read(*out, pool);
      if (!shown || bitstream.DataLength == 0) return shown;
    }
    return shown;
  }

 private:
  static constexpr int kMostCalls = 64;

  const VplLibrary& library() const { return session_.library(); }

  // Opens the decoder for what a key frame announces; false when that is broken or not to be decoded.
  bool Open(const mfxBitstream& from) {
    mfxBitstream bitstream = from;
    mfxVideoParam parameters{};
    parameters.mfx.CodecId = codec_;
    // Drivers ask for a level of AV1 to be set.
    if (codec_ == MFX_CODEC_AV1) parameters.mfx.CodecLevel = MFX_LEVEL_AV1_2;
    parameters.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    parameters.AsyncDepth = 1;
    const mfxStatus status = library().DecodeHeader(session_.get(), &bitstream, &parameters);
    if (status == MFX_ERR_MORE_DATA || status == MFX_ERR_UNDEFINED_BEHAVIOR || status == MFX_ERR_INVALID_VIDEO_PARAM ||
        status == MFX_ERR_UNSUPPORTED)
      return false;
    CheckVpl(status, "MFXVideoDECODE_DecodeHeader");
    const auto& info = parameters.mfx.FrameInfo;
    const int width = info.CropW ? info.CropW : info.Width, height = info.CropH ? info.CropH : info.Height;
    if (info.FourCC != MFX_FOURCC_NV12 || info.ChromaFormat != MFX_CHROMAFORMAT_YUV420 || width < sizes_.min_width ||
        height < sizes_.min_height || width > sizes_.max_width || height > sizes_.max_height ||
        uint64_t{info.Width} * info.Height > kMaxPixels)
      return false;
    parameters.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    parameters.AsyncDepth = 1;
    mfxFrameAllocRequest request{};
    CheckVpl(library().DecodeQueryIOSurf(session_.get(), &parameters, &request), "MFXVideoDECODE_QueryIOSurf");
    mfxFrameInfo frame = parameters.mfx.FrameInfo;
    frame.Width = static_cast<mfxU16>((frame.Width + 15) & ~15);
    frame.Height = static_cast<mfxU16>((frame.Height + 15) & ~15);
    surfaces_.Allocate(frame, std::clamp<size_t>(request.NumFrameSuggested, 1, 64));
    CheckVpl(library().DecodeInit(session_.get(), &parameters), "MFXVideoDECODE_Init");
    return opened_ = true;
  }

  static rtc::scoped_refptr<webrtc::I420Buffer> Read(const mfxFrameSurface1& surface, webrtc::VideoFrameBufferPool& pool) {
    const auto& info = surface.Info;
    if (info.CropW < 1 || info.CropH < 1 || info.CropX + info.CropW > info.Width || info.CropY + info.CropH > info.Height)
      return nullptr;
    const auto buffer = pool.CreateI420Buffer(info.CropW, info.CropH);
    if (!buffer) throw HardwareFailure("too many decoded frames are held");
    const int pitch = surface.Data.PitchLow | surface.Data.PitchHigh << 16;
    const int left = info.CropX & ~1, top = info.CropY & ~1;
    ReadNv12(
        {surface.Data.Y + ptrdiff_t{top} * pitch + left, pitch, surface.Data.UV + ptrdiff_t{top / 2} * pitch + left, pitch},
        *buffer);
    return buffer;
  }

  void Close() {
    session_.Settle();
    if (std::exchange(opened_, false)) library().DecodeClose(session_.get());
  }

  const mfxU32 codec_;
  const SizeLimits sizes_;
  bool opened_ = false;
  VplSurfaces surfaces_;
  VplSession session_;  // closed before the memory goes that a driver may still hold after a failure
};

}  // namespace

std::unique_ptr<DecoderSession> OpenVplDecoder(std::shared_ptr<VplDevice> device, const HardwareCodec& codec) {
  return std::make_unique<VplDecoder>(std::move(device), codec);
}

}  // namespace sora

#endif
