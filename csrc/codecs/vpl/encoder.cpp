// Debian has headers of VPL, as Intel has GPUs, for x86 alone.
#if __has_include(<vpl/mfx.h>)
#include "codecs/vpl/encoder.h"

#include <algorithm>

#include "api/video_codecs/video_codec.h"
#include "codecs/hardware/nv12.h"
#include "codecs/hardware/temporal_id.h"
#include "codecs/vpl/encoder_parameters.h"

namespace sora {
namespace {

class VplEncoder : public EncoderSession {
 public:
  VplEncoder(std::shared_ptr<VplDevice> device, const EncoderSettings& settings)
      : codec_(settings.codec), temporal_(settings.temporal_layers > 1), parameters_(settings), session_(std::move(device)) {
    Check(parameters_.Query(session_), "MFXVideoENCODE_Query");
    Check(library().EncodeInit(session_.get(), &parameters_.get()), "MFXVideoENCODE_Init");
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
    parameters_.SetRates(rates);
    // Without it, and with HRD on, another rate begins with a key frame.
    mfxExtEncoderResetOption same{};
    SetHeader(same, MFX_EXTBUFF_ENCODER_RESET_OPTION);
    same.StartNewSequence = MFX_CODINGOPTION_OFF;
    mfxVideoParam parameters = parameters_.With(same.Header);
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
    const uint8_t* const bytes = bitstream_.Data + bitstream_.DataOffset;
    EncodedFrame encoded{webrtc::EncodedImageBuffer::Create(bytes, bitstream_.DataLength),
                         codec_ == webrtc::kVideoCodecVP9 ? (type & MFX_FRAMETYPE_I) != 0 : (type & MFX_FRAMETYPE_IDR) != 0};
    // A runtime that does not know the layers may code one and say nothing. VP9 has no place for them in its bitstream.
    if (temporal_ && codec_ != webrtc::kVideoCodecVP9)
      encoded.temporal_id = std::max(0, TemporalIdOf(codec_, {bytes, bitstream_.DataLength}));
    return encoded;
  }

 private:
  const VplLibrary& library() const { return session_.library(); }
  static void Check(mfxStatus status, const char* call) { CheckVpl(status, call); }

  void Allocate() {
    mfxFrameAllocRequest request{};
    Check(library().EncodeQueryIOSurf(session_.get(), &parameters_.get(), &request), "MFXVideoENCODE_QueryIOSurf");
    surfaces_.Allocate(parameters_.get().mfx.FrameInfo, std::clamp<size_t>(request.NumFrameSuggested, 1, 32));
    mfxVideoParam actual{};
    Check(library().EncodeGetVideoParam(session_.get(), &actual), "MFXVideoENCODE_GetVideoParam");
    memory_.resize(std::max<size_t>(1, actual.mfx.BRCParamMultiplier) * actual.mfx.BufferSizeInKB * 1000);
  }

  void Close() {
    session_.Settle();
    if (std::exchange(opened_, false)) library().EncodeClose(session_.get());
  }

  const webrtc::VideoCodecType codec_;
  const bool temporal_;  // there are several layers
  VplEncoderParameters parameters_;
  bool opened_ = false;
  VplSurfaces surfaces_;
  std::vector<uint8_t> memory_;  // for the bytes of a frame
  // The driver writes to it until the result was waited for, which may be in Close.
  mfxBitstream bitstream_{};
  mfxU64 number_ = 0;
  VplSession session_;  // closed before the memory goes that a driver may still hold after a failure
};

}  // namespace

int VplTemporalLayers(const VplSession& session, EncoderSettings settings) {
  // libwebrtc has no place for H265's.
  if (settings.codec == webrtc::kVideoCodecH265) return 1;
  for (settings.temporal_layers = 3; settings.temporal_layers > 1; --settings.temporal_layers) {
    VplEncoderParameters parameters(settings);
    if (parameters.Query(session) >= MFX_ERR_NONE && parameters.KeptLayers()) break;
  }
  return settings.temporal_layers;
}

std::unique_ptr<EncoderSession> OpenVplEncoder(std::shared_ptr<VplDevice> device, const EncoderSettings& settings) {
  return std::make_unique<VplEncoder>(std::move(device), settings);
}

}  // namespace sora

#endif
