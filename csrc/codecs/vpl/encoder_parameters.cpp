// Debian has headers of VPL, as Intel has GPUs, for x86 alone.
#if __has_include(<vpl/mfx.h>)
#include "codecs/vpl/encoder_parameters.h"

#include <algorithm>

#include "api/video_codecs/video_codec.h"
#include "codecs/hardware/formats.h"

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

mfxU16 Aligned(int size) { return static_cast<mfxU16>((size + 15) & ~15); }

// How many times the frame rate of the base a layer has, together with those below it.
mfxU16 Scale(int layer) { return static_cast<mfxU16>(1 << layer); }

// What fits a picture at any rate below: beyond 65 Mbit/s, rates are counted in multiples, which a session keeps.
constexpr uint32_t kMostKbps = 65'535;

}  // namespace

VplEncoderParameters::VplEncoderParameters(const EncoderSettings& settings) : layers_(settings.temporal_layers) {
  auto& mfx = parameters_.mfx;
  mfx.CodecId = VplCodecId(webrtc::CodecTypeToPayloadString(settings.codec));
  mfx.CodecProfile = ProfileOfVpl(settings);
  mfx.TargetUsage = MFX_TARGETUSAGE_BALANCED;
  mfx.RateControlMethod = MFX_RATECONTROL_CBR;
  mfx.BRCParamMultiplier = settings.width * settings.height > 1280 * 720 ? 4 : 1;
  mfx.GopPicSize = 0xffff;
  mfx.GopRefDist = 1;  // no B frames
  mfx.IdrInterval = 0;
  mfx.NumRefFrame = static_cast<mfxU16>(layers_);  // the last frame of each layer
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
      SetHeader(av1_, MFX_EXTBUFF_AV1_BITSTREAM_PARAM);
      av1_.WriteIVFHeaders = MFX_CODINGOPTION_OFF;
      buffers_ = {&av1_.Header};
      break;
    case webrtc::kVideoCodecVP9:
      SetHeader(vp9_, MFX_EXTBUFF_VP9_PARAM);
      vp9_.WriteIVFHeaders = MFX_CODINGOPTION_OFF;
      buffers_ = {&vp9_.Header};
      break;
    default:
      SetHeader(coding_, MFX_EXTBUFF_CODING_OPTION);
      coding_.NalHrdConformance = MFX_CODINGOPTION_OFF;
      coding_.VuiNalHrdParameters = MFX_CODINGOPTION_OFF;
      coding_.VuiVclHrdParameters = MFX_CODINGOPTION_OFF;
      coding_.AUDelimiter = MFX_CODINGOPTION_OFF;
      coding_.PicTimingSEI = MFX_CODINGOPTION_OFF;
      buffers_ = {&coding_.Header};
  }
  if (layers_ > 1) SetLayers(settings.codec);
  SetRates(settings.rates);
  parameters_.ExtParam = buffers_.data();
  parameters_.NumExtParam = static_cast<mfxU16>(buffers_.size());
}

void VplEncoderParameters::SetLayers(webrtc::VideoCodecType codec) {
  switch (codec) {
    case webrtc::kVideoCodecAV1:
      SetHeader(av1_layers_, MFX_EXTBUFF_UNIVERSAL_TEMPORAL_LAYERS);
      av1_layers_.NumLayers = static_cast<mfxU16>(layers_);
      av1_layers_.Layers = av1_rates_.data();
      for (int i = 0; i < layers_; ++i) av1_rates_[static_cast<size_t>(i)].FrameRateScale = Scale(i);
      buffers_.push_back(&av1_layers_.Header);
      break;
    case webrtc::kVideoCodecVP9:
      SetHeader(vp9_layers_, MFX_EXTBUFF_VP9_TEMPORAL_LAYERS);
      for (int i = 0; i < layers_; ++i) vp9_layers_.Layer[i].FrameRateScale = Scale(i);
      buffers_.push_back(&vp9_layers_.Header);
      break;
    default:
      SetHeader(h264_layers_, MFX_EXTBUFF_AVC_TEMPORAL_LAYERS);
      for (int i = 0; i < layers_; ++i) h264_layers_.Layer[i].Scale = Scale(i);
      buffers_.push_back(&h264_layers_.Header);
  }
}

// The shares that libwebrtc gives to layers; VP9 has them in the interface, with each above the one below.
void VplEncoderParameters::SetVp9LayerRates() {
  static constexpr int kPercent[2][3] = {{60, 100, 0}, {40, 60, 100}};
  auto& top = parameters_.mfx.TargetKbps;
  top = std::max(top, static_cast<mfxU16>(layers_));
  mfxU16 below = 0;
  for (int i = 0; i < layers_; ++i) {
    const auto share = static_cast<mfxU16>(uint32_t{top} * static_cast<uint32_t>(kPercent[layers_ - 2][i]) / 100);
    below = vp9_layers_.Layer[i].TargetKbps = std::max(share, static_cast<mfxU16>(below + 1));
  }
  parameters_.mfx.MaxKbps = top;
}

void VplEncoderParameters::SetRates(const Rates& rates) {
  auto& mfx = parameters_.mfx;
  mfx.FrameInfo.FrameRateExtN = static_cast<mfxU32>(std::max(1.0, rates.frames_per_second) * 1000);
  mfx.FrameInfo.FrameRateExtD = 1000;
  mfx.TargetKbps = mfx.MaxKbps =
      static_cast<mfxU16>(std::clamp<uint32_t>(rates.bits_per_second / 1000 / mfx.BRCParamMultiplier, 1, kMostKbps));
  if (vp9_layers_.Header.BufferId != 0) SetVp9LayerRates();
}

mfxStatus VplEncoderParameters::Query(const VplSession& session) {
  mfxStatus status = MFX_ERR_UNSUPPORTED;
  // Some devices encode in one of two ways alone.
  for (const mfxU16 low_power : {MFX_CODINGOPTION_UNKNOWN, MFX_CODINGOPTION_ON}) {
    mfxVideoParam tried = parameters_;
    tried.mfx.LowPower = low_power;
    status = session.library().EncodeQuery(session.get(), &tried, &tried);
    if (status < MFX_ERR_NONE) continue;
    parameters_ = tried;
    break;
  }
  return status;
}

bool VplEncoderParameters::KeptLayers() const {
  for (int i = 0; i < layers_ && layers_ > 1; ++i) {
    const mfxU16 scales[] = {h264_layers_.Layer[i].Scale, vp9_layers_.Layer[i].FrameRateScale,
                             av1_rates_[static_cast<size_t>(i)].FrameRateScale};
    if (std::none_of(std::begin(scales), std::end(scales), [&](mfxU16 scale) { return scale == Scale(i); })) return false;
  }
  return av1_layers_.Header.BufferId == 0 || av1_layers_.NumLayers == layers_;
}

mfxVideoParam VplEncoderParameters::With(mfxExtBuffer& buffer) {
  more_ = buffers_;
  more_.push_back(&buffer);
  mfxVideoParam parameters = parameters_;
  parameters.ExtParam = more_.data();
  parameters.NumExtParam = static_cast<mfxU16>(more_.size());
  return parameters;
}

}  // namespace sora

#endif
