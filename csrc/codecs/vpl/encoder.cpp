// Debian has headers of VPL, as Intel has GPUs, for x86 alone.
#if __has_include(<vpl/mfx.h>)
#include "codecs/vpl/encoder.h"

#include <algorithm>

#include "api/video_codecs/video_codec.h"
#include "codecs/hardware/formats.h"
#include "codecs/hardware/nv12.h"

namespace sora {
namespace {

mfxU16 ProfileOfVpl(const EncoderSettings& settings) {
  switch (settings.codec) {
    case webrtc::kVideoCodecAV1: return MFX_PROFILE_AV1_MAIN;
    case webrtc::kVideoCodecH265: return MFX_PROFILE_HEVC_MAIN;
    case webrtc::kVideoCodecVP9: return MFX_PROFILE_VP9_0;
    default: break;
  }
  switch (ProfileOf(settings.format)) {
    case webrtc::H264Profile::kProfileBaseline: return MFX_PROFILE_AVC_BASELINE;
    case webrtc::H264Profile::kProfileMain: return MFX_PROFILE_AVC_MAIN;
    case webrtc::H264Profile::kProfileHigh: return MFX_PROFILE_AVC_HIGH;
    case webrtc::H264Profile::kProfileConstrainedHigh: return MFX_PROFILE_AVC_CONSTRAINED_HIGH;
    default: return MFX_PROFILE_AVC_CONSTRAINED_BASELINE;
  }
}

template <typename Buffer>
Buffer ExtBuffer(mfxU32 id) {
  Buffer buffer{};
  buffer.Header.BufferId = id;
  buffer.Header.BufferSz = sizeof(Buffer);
  return buffer;
}

mfxU16 Aligned(int size) { return static_cast<mfxU16>((size + 15) & ~15); }

class VplEncoder : public EncoderSession {
 public:
  VplEncoder(std::shared_ptr<VplDevice> device, const EncoderSettings& settings) : session_(std::move(device)) {
    codec_ = settings.codec;
    Configure(settings);
    SetRateParameters(settings.rates);
    Query();
    Check(library().EncodeInit(session_.get(), &parameters_), "MFXVideoENCODE_Init");
    opened_ = true;
    try {
      Allocate();
    } catch (...) {
      Close();
      throw;
    }
  }
  ~VplEncoder() override { Close(); }

  void SetRates(const Rates& rates) override {
    SetRateParameters(rates);
    // Without it, and with HRD on, another rate begins with a key frame.
    auto same = ExtBuffer<mfxExtEncoderResetOption>(MFX_EXTBUFF_ENCODER_RESET_OPTION);
    same.StartNewSequence = MFX_CODINGOPTION_OFF;
    auto buffers = buffers_;
    buffers.push_back(&same.Header);
    mfxVideoParam parameters = parameters_;
    parameters.ExtParam = buffers.data();
    parameters.NumExtParam = static_cast<mfxU16>(buffers.size());
    Check(library().EncodeReset(session_.get(), &parameters), "MFXVideoENCODE_Reset");
  }

  EncodedFrame Encode(webrtc::VideoFrameBuffer& frame, bool key) override {
    mfxFrameSurface1& surface = surfaces_.Free();
    const int pitch = surface.Data.PitchLow;
    if (!WriteNv12(frame, {surface.Data.Y, pitch, surface.Data.UV, pitch}, surface.Info.CropW, surface.Info.CropH))
      throw HardwareFailure("the frame has a format that cannot be converted");
    surface.Data.TimeStamp = number_++;
    mfxEncodeCtrl control{};
    if (key) control.FrameType = MFX_FRAMETYPE_I | MFX_FRAMETYPE_IDR | MFX_FRAMETYPE_REF;
    bitstream_ = {};
    bitstream_.Data = memory_.data();
    bitstream_.MaxLength = static_cast<mfxU32>(memory_.size());
    mfxSyncPoint point = nullptr;
    const mfxStatus status = VplSession::WhileBusy(
        [&] { return library().EncodeFrameAsync(session_.get(), key ? &control : nullptr, &surface, &bitstream_, &point); });
    if (status == MFX_ERR_MORE_DATA) return {};
    Check(status, "MFXVideoENCODE_EncodeFrameAsync");
    if (!point) return {};
    session_.Sync(point);
    const auto type = bitstream_.FrameType;
    return {webrtc::EncodedImageBuffer::Create(bitstream_.Data + bitstream_.DataOffset, bitstream_.DataLength),
            codec_ == webrtc::kVideoCodecVP9 ? (type & MFX_FRAMETYPE_I) != 0 : (type & MFX_FRAMETYPE_IDR) != 0};
  }

 private:
  // What fits a picture at any rate below: beyond 65 Mbit/s, rates are counted in multiples, which a session keeps.
  static constexpr uint32_t kMostKbps = 65'535;

  const VplLibrary& library() const { return session_.library(); }
  static void Check(mfxStatus status, const char* call) { CheckVpl(status, call); }

  void Configure(const EncoderSettings& settings) {
    auto& mfx = parameters_.mfx;
    mfx.CodecId = VplCodecId(webrtc::CodecTypeToPayloadString(settings.codec));
    mfx.CodecProfile = ProfileOfVpl(settings);
    mfx.TargetUsage = MFX_TARGETUSAGE_BALANCED;
    mfx.RateControlMethod = MFX_RATECONTROL_CBR;
    mfx.BRCParamMultiplier = settings.width * settings.height > 1280 * 720 ? 4 : 1;
    mfx.GopPicSize = 0xffff;
    mfx.GopRefDist = 1;  // no B frames
    mfx.IdrInterval = 0;
    mfx.NumRefFrame = 1;
    mfx.NumSlice = 1;
    auto& info = mfx.FrameInfo;
    info.FourCC = MFX_FOURCC_NV12;
    info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    info.PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    info.Width = Aligned(settings.width);
    info.Height = Aligned(settings.height);
    info.CropW = static_cast<mfxU16>(settings.width);
    info.CropH = static_cast<mfxU16>(settings.height);
    parameters_.AsyncDepth = 1;
    parameters_.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY;
    switch (settings.codec) {
      case webrtc::kVideoCodecAV1:
        av1_.WriteIVFHeaders = MFX_CODINGOPTION_OFF;
        buffers_ = {&av1_.Header};
        break;
      case webrtc::kVideoCodecVP9:
        vp9_.WriteIVFHeaders = MFX_CODINGOPTION_OFF;
        buffers_ = {&vp9_.Header};
        break;
      default:
        coding_.NalHrdConformance = MFX_CODINGOPTION_OFF;
        coding_.VuiNalHrdParameters = MFX_CODINGOPTION_OFF;
        coding_.VuiVclHrdParameters = MFX_CODINGOPTION_OFF;
        coding_.AUDelimiter = MFX_CODINGOPTION_OFF;
        coding_.PicTimingSEI = MFX_CODINGOPTION_OFF;
        buffers_ = {&coding_.Header};
    }
    parameters_.ExtParam = buffers_.data();
    parameters_.NumExtParam = static_cast<mfxU16>(buffers_.size());
  }

  void SetRateParameters(const Rates& rates) {
    auto& mfx = parameters_.mfx;
    mfx.FrameInfo.FrameRateExtN = static_cast<mfxU32>(std::max(1.0, rates.frames_per_second) * 1000);
    mfx.FrameInfo.FrameRateExtD = 1000;
    mfx.TargetKbps = mfx.MaxKbps =
        static_cast<mfxU16>(std::clamp<uint32_t>(rates.bits_per_second / 1000 / mfx.BRCParamMultiplier, 1, kMostKbps));
  }

  // Has the driver complete and correct the parameters. Some devices encode in one of two ways alone.
  void Query() {
    mfxStatus status = MFX_ERR_UNSUPPORTED;
    for (const mfxU16 low_power : {MFX_CODINGOPTION_UNKNOWN, MFX_CODINGOPTION_ON}) {
      mfxVideoParam tried = parameters_;
      tried.mfx.LowPower = low_power;
      status = library().EncodeQuery(session_.get(), &tried, &tried);
      if (status < MFX_ERR_NONE) continue;
      parameters_ = tried;
      return;
    }
    Check(status, "MFXVideoENCODE_Query");
  }

  void Allocate() {
    mfxFrameAllocRequest request{};
    Check(library().EncodeQueryIOSurf(session_.get(), &parameters_, &request), "MFXVideoENCODE_QueryIOSurf");
    surfaces_.Allocate(parameters_.mfx.FrameInfo, std::clamp<size_t>(request.NumFrameSuggested, 1, 32));
    mfxVideoParam actual{};
    Check(library().EncodeGetVideoParam(session_.get(), &actual), "MFXVideoENCODE_GetVideoParam");
    memory_.resize(std::max<size_t>(1, actual.mfx.BRCParamMultiplier) * actual.mfx.BufferSizeInKB * 1000);
  }

  void Close() {
    session_.Settle();
    if (std::exchange(opened_, false)) library().EncodeClose(session_.get());
  }

  webrtc::VideoCodecType codec_;
  bool opened_ = false;
  mfxVideoParam parameters_{};
  mfxExtCodingOption coding_ = ExtBuffer<mfxExtCodingOption>(MFX_EXTBUFF_CODING_OPTION);
  mfxExtAV1BitstreamParam av1_ = ExtBuffer<mfxExtAV1BitstreamParam>(MFX_EXTBUFF_AV1_BITSTREAM_PARAM);
  mfxExtVP9Param vp9_ = ExtBuffer<mfxExtVP9Param>(MFX_EXTBUFF_VP9_PARAM);
  std::vector<mfxExtBuffer*> buffers_;
  VplSurfaces surfaces_;
  std::vector<uint8_t> memory_;  // for the bytes of a frame
  // The driver writes to it until the result was waited for, which may be in Close.
  mfxBitstream bitstream_{};
  mfxU64 number_ = 0;
  VplSession session_;  // closed before the memory goes that a driver may still hold after a failure
};

}  // namespace

std::unique_ptr<EncoderSession> OpenVplEncoder(std::shared_ptr<VplDevice> device, const EncoderSettings& settings) {
  return std::make_unique<VplEncoder>(std::move(device), settings);
}

}  // namespace sora

#endif
