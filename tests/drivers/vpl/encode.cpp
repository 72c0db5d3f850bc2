#include <algorithm>
#include <cstring>

#include "vpl/session.h"

namespace standin {
namespace {

mfxU16 Multiplier(const mfxInfoMFX& mfx) { return mfx.BRCParamMultiplier ? mfx.BRCParamMultiplier : 1; }

// The temporal layers that are asked for, in the structure that the codec has for them: 0 where there is none, and a negative number
// where it makes no sense. The base is followed by layers of twice the frames each.
int LayersOf(const mfxVideoParam& parameters, Codec codec) {
  std::vector<mfxU16> scales;
  bool rates_rise = true;
  if (codec == Codec::kVp9) {
    const auto* vp9 =
        Find<mfxExtVP9TemporalLayers>(parameters.ExtParam, parameters.NumExtParam, MFX_EXTBUFF_VP9_TEMPORAL_LAYERS);
    for (int i = 0; vp9 && i < 8 && vp9->Layer[i].FrameRateScale; ++i) {
      scales.push_back(vp9->Layer[i].FrameRateScale);
      rates_rise &= vp9->Layer[i].TargetKbps > (i ? vp9->Layer[i - 1].TargetKbps : 0);
    }
  } else if (codec == Codec::kAv1) {
    const auto* av1 =
        Find<mfxExtTemporalLayers>(parameters.ExtParam, parameters.NumExtParam, MFX_EXTBUFF_UNIVERSAL_TEMPORAL_LAYERS);
    for (int i = 0; av1 && i < av1->NumLayers; ++i) scales.push_back(av1->Layers[i].FrameRateScale);
  } else {
    const auto* h264 =
        Find<mfxExtAvcTemporalLayers>(parameters.ExtParam, parameters.NumExtParam, MFX_EXTBUFF_AVC_TEMPORAL_LAYERS);
    for (int i = 0; h264 && i < 8 && h264->Layer[i].Scale; ++i) scales.push_back(h264->Layer[i].Scale);
  }
  for (size_t i = 0; i < scales.size(); ++i)
    if (scales[i] != 1 << i) return -1;
  return rates_rise ? static_cast<int>(scales.size()) : -1;
}

// Why an encoder is refused, or null.
const char* Refuse(const mfxVideoParam& parameters, Codec& codec) {
  const mfxInfoMFX& mfx = parameters.mfx;
  if (!CodecOf(mfx.CodecId, codec) || !CanEncode(codec)) return "the device does not encode this codec";
  if (const char* reason = Refuse(mfx.FrameInfo, EncoderSizes(codec))) return reason;
  if (parameters.IOPattern != MFX_IOPATTERN_IN_SYSTEM_MEMORY) return "frames must come from system memory";
  if (!mfx.FrameInfo.FrameRateExtN || !mfx.FrameInfo.FrameRateExtD) return "the frame rate must be a fraction above 0";
  if (mfx.EncodedOrder) return "frames must come in the order of display";
  const int layers = LayersOf(parameters, codec);
  if (layers < 0) return "each temporal layer must have twice the frames, and more bits, than the one below";
  if (layers > MostLayers()) return "the device does not have so many temporal layers";
  if (layers > 1 && codec == Codec::kH265) return "the device has no temporal layers of H.265";
  return nullptr;
}

void Complete(mfxVideoParam& parameters) {
  mfxInfoMFX& mfx = parameters.mfx;
  if (mfx.GopRefDist != 1) mfx.GopRefDist = 1;
  if (!mfx.GopPicSize) mfx.GopPicSize = 0xffff;
  if (!mfx.NumRefFrame) mfx.NumRefFrame = 1;
  if (!mfx.NumSlice) mfx.NumSlice = 1;
  if (!parameters.AsyncDepth) parameters.AsyncDepth = 1;
  if (!mfx.RateControlMethod) mfx.RateControlMethod = MFX_RATECONTROL_CBR;
  if (!mfx.TargetKbps || mfx.RateControlMethod == MFX_RATECONTROL_CQP) mfx.TargetKbps = 2000;
  mfx.BRCParamMultiplier = Multiplier(mfx);
  const size_t least = size_t{mfx.FrameInfo.Width} * mfx.FrameInfo.Height * 3 / 2 / 1000 / mfx.BRCParamMultiplier + 1;
  mfx.BufferSizeInKB = std::max(mfx.BufferSizeInKB, static_cast<mfxU16>(std::min(least, size_t{0xffff})));
  if (!mfx.CodecProfile && mfx.CodecId == MFX_CODEC_AVC) mfx.CodecProfile = MFX_PROFILE_AVC_HIGH;
  if (!mfx.CodecProfile) mfx.CodecProfile = 1;
}

void Take(VplEncoder& encoder, const mfxVideoParam& parameters, Codec codec) {
  encoder.parameters = parameters;
  encoder.parameters.ExtParam = nullptr;
  encoder.parameters.NumExtParam = 0;
  Complete(encoder.parameters);
  const mfxInfoMFX& mfx = encoder.parameters.mfx;
  const mfxFrameInfo& info = mfx.FrameInfo;
  const int profile = mfx.CodecProfile & 0xff;
  encoder.settings.codec = codec;
  encoder.settings.width = info.CropW ? info.CropW : info.Width;
  encoder.settings.height = info.CropH ? info.CropH : info.Height;
  encoder.settings.rates = {int64_t{mfx.TargetKbps} * Multiplier(mfx) * 1000,
                            static_cast<double>(info.FrameRateExtN) / info.FrameRateExtD};
  encoder.settings.h264_profile = profile == 66 || profile == 77 ? profile : 100;
  encoder.period = mfx.GopPicSize == 0xffff ? 0 : mfx.GopPicSize;
  if (const int layers = LayersOf(parameters, codec); layers && !Get(Setting::kOutOfTurn)) encoder.settings.layers = layers;
  encoder.settings.h264_prefix = true;
  const auto* option = Find<mfxExtCodingOption>(parameters.ExtParam, parameters.NumExtParam, MFX_EXTBUFF_CODING_OPTION);
  if (option)
    encoder.no_hrd =
        option->VuiNalHrdParameters == MFX_CODINGOPTION_OFF && option->VuiVclHrdParameters == MFX_CODINGOPTION_OFF;
}

// Copies parameter sets of one kind; false where there is too little room.
bool Hand(const std::vector<uint8_t>& headers, int type, bool h265, mfxU8* to, mfxU16& size) {
  static constexpr uint8_t kStart[] = {0, 0, 0, 1};
  auto from = std::search(headers.begin(), headers.end(), kStart, kStart + 4);
  while (from != headers.end()) {
    const auto next = std::search(from + 4, headers.end(), kStart, kStart + 4);
    if (from + 4 < headers.end() && (h265 ? from[4] >> 1 & 63 : from[4] & 31) == type) {
      if (next - from > size || !to) return false;
      std::copy(from, next, to);
      size = static_cast<mfxU16>(next - from);
      return true;
    }
    from = next;
  }
  size = 0;
  return true;
}

mfxStatus HandHeaders(const VplEncoder& encoder, mfxVideoParam& out) {
  const bool h265 = encoder.settings.codec == Codec::kH265;
  const std::vector<uint8_t> headers = encoder.encoder->Headers();
  bool enough = true;
  if (auto* sets = Find<mfxExtCodingOptionSPSPPS>(out.ExtParam, out.NumExtParam, MFX_EXTBUFF_CODING_OPTION_SPSPPS)) {
    enough &= Hand(headers, h265 ? 33 : 7, h265, sets->SPSBuffer, sets->SPSBufSize);
    enough &= Hand(headers, h265 ? 34 : 8, h265, sets->PPSBuffer, sets->PPSBufSize);
  }
  if (auto* sets = Find<mfxExtCodingOptionVPS>(out.ExtParam, out.NumExtParam, MFX_EXTBUFF_CODING_OPTION_VPS))
    enough &= Hand(headers, 32, h265, sets->VPSBuffer, sets->VPSBufSize);
  return enough ? MFX_ERR_NONE : MFX_ERR_NOT_ENOUGH_BUFFER;
}

// Whether a reset begins a new sequence; null, or why it is refused.
const char* NewSequence(const VplEncoder& encoder, const mfxVideoParam& parameters, bool& begins) {
  const auto* option =
      Find<mfxExtEncoderResetOption>(parameters.ExtParam, parameters.NumExtParam, MFX_EXTBUFF_ENCODER_RESET_OPTION);
  const mfxU16 wish = option ? option->StartNewSequence : mfxU16{MFX_CODINGOPTION_UNKNOWN};
  const bool has_hrd = encoder.settings.codec == Codec::kH264 || encoder.settings.codec == Codec::kH265;
  const bool needed = has_hrd && !encoder.no_hrd;
  if (needed && wish == MFX_CODINGOPTION_OFF) return "a new bit rate needs a new sequence while HRD is on";
  begins = needed || wish == MFX_CODINGOPTION_ON || (!has_hrd && wish != MFX_CODINGOPTION_OFF);
  return nullptr;
}

}  // namespace

STANDIN_EXPORT mfxStatus MFXVideoENCODE_Query(mfxSession handle, mfxVideoParam* in, mfxVideoParam* out) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  if (!Find("MFXVideoENCODE_Query", handle, status)) return status;
  if (!out) return MFX_ERR_NULL_PTR;
  Codec codec;
  if (!in) {
    const bool known = CodecOf(out->mfx.CodecId, codec) && CanEncode(codec);
    return known ? MFX_ERR_NONE : MFX_ERR_UNSUPPORTED;
  }
  if (in->NumExtParam != out->NumExtParam)
    return Wrong("MFXVideoENCODE_Query", "in and out have other extensions", MFX_ERR_UNDEFINED_BEHAVIOR);
  out->mfx = in->mfx;
  out->AsyncDepth = in->AsyncDepth;
  out->IOPattern = in->IOPattern;
  out->Protected = in->Protected;
  // What is not supported is not misused: a query is there to find out.
  if (Refuse(*in, codec)) return MFX_ERR_UNSUPPORTED;
  if (in->mfx.GopRefDist <= 1) return MFX_ERR_NONE;
  out->mfx.GopRefDist = 1;
  return MFX_WRN_INCOMPATIBLE_VIDEO_PARAM;
}

STANDIN_EXPORT mfxStatus MFXVideoENCODE_QueryIOSurf(mfxSession handle, mfxVideoParam* parameters,
                                                    mfxFrameAllocRequest* request) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  if (!Find("MFXVideoENCODE_QueryIOSurf", handle, status)) return status;
  Codec codec;
  if (const char* reason = Refuse(*parameters, codec))
    return Wrong("MFXVideoENCODE_QueryIOSurf", reason, MFX_ERR_INVALID_VIDEO_PARAM);
  request->Info = parameters->mfx.FrameInfo;
  request->NumFrameMin = 1;
  request->NumFrameSuggested = std::max(mfxU16{1}, parameters->AsyncDepth);
  request->Type = MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_EXTERNAL_FRAME;
  return MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXVideoENCODE_Init(mfxSession handle, mfxVideoParam* parameters) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  VplSession* session = Find("MFXVideoENCODE_Init", handle, status);
  if (!session) return status;
  if (session->encoder) return Wrong("MFXVideoENCODE_Init", "the session has an encoder", MFX_ERR_UNDEFINED_BEHAVIOR);
  auto encoder = std::make_unique<VplEncoder>();
  Codec codec;
  if (const char* reason = Refuse(*parameters, codec))
    return Wrong("MFXVideoENCODE_Init", reason, MFX_ERR_INVALID_VIDEO_PARAM);
  const int64_t limit = Get(Setting::kSessionLimit);
  if (limit > 0 && CountOpen(Kind::kSession) >= limit) return MFX_ERR_MEMORY_ALLOC;
  Take(*encoder, *parameters, codec);
  encoder->encoder = MakeEncoder(encoder->settings);
  if (!encoder->encoder) return MFX_ERR_MEMORY_ALLOC;
  session->encoder = std::move(encoder);
  Opened(Kind::kSession);
  return parameters->mfx.GopRefDist > 1 ? MFX_WRN_INCOMPATIBLE_VIDEO_PARAM : MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXVideoENCODE_Reset(mfxSession handle, mfxVideoParam* parameters) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  VplSession* session = Find("MFXVideoENCODE_Reset", handle, status);
  if (!session) return status;
  if (!session->encoder) return Wrong("MFXVideoENCODE_Reset", "there is no encoder", MFX_ERR_NOT_INITIALIZED);
  VplEncoder& encoder = *session->encoder;
  Codec codec;
  bool begins = false;
  const char* reason = Refuse(*parameters, codec);
  if (!reason && codec != encoder.settings.codec) reason = "the codec must stay the same";
  if (!reason && Multiplier(parameters->mfx) != Multiplier(encoder.parameters.mfx))
    reason = "BRCParamMultiplier must stay the same";
  if (const int layers = reason ? 0 : LayersOf(*parameters, codec);
      layers && layers != encoder.settings.layers && !Get(Setting::kOutOfTurn))
    reason = "this stand-in keeps the number of temporal layers";
  if (!reason && !session->pending.empty()) reason = "a sync point was not waited for";
  if (!reason) reason = NewSequence(encoder, *parameters, begins);
  if (reason) return Wrong("MFXVideoENCODE_Reset", reason, MFX_ERR_INVALID_VIDEO_PARAM);
  const int width = encoder.settings.width, height = encoder.settings.height;
  Take(encoder, *parameters, codec);
  if (width != encoder.settings.width || height != encoder.settings.height) {
    encoder.encoder = MakeEncoder(encoder.settings);
    encoder.key_next = true;
  } else if (!encoder.encoder->SetRates(encoder.settings.rates)) {
    return MFX_ERR_INVALID_VIDEO_PARAM;
  }
  encoder.key_next |= begins;
  return encoder.encoder ? MFX_ERR_NONE : MFX_ERR_MEMORY_ALLOC;
}

STANDIN_EXPORT mfxStatus MFXVideoENCODE_Close(mfxSession handle) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  VplSession* session = Find("MFXVideoENCODE_Close", handle, status, true);
  if (!session) return status;
  if (!session->encoder) return MFX_ERR_NOT_INITIALIZED;
  session->encoder = nullptr;
  Closed(Kind::kSession);
  return MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXVideoENCODE_GetVideoParam(mfxSession handle, mfxVideoParam* out) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  VplSession* session = Find("MFXVideoENCODE_GetVideoParam", handle, status);
  if (!session) return status;
  if (!session->encoder) return Wrong("MFXVideoENCODE_GetVideoParam", "there is no encoder", MFX_ERR_NOT_INITIALIZED);
  const VplEncoder& encoder = *session->encoder;
  out->mfx = encoder.parameters.mfx;
  out->AsyncDepth = encoder.parameters.AsyncDepth;
  out->IOPattern = encoder.parameters.IOPattern;
  return HandHeaders(encoder, *out);
}

STANDIN_EXPORT mfxStatus MFXVideoENCODE_EncodeFrameAsync(mfxSession handle, mfxEncodeCtrl* control,
                                                         mfxFrameSurface1* surface, mfxBitstream* bitstream,
                                                         mfxSyncPoint* point) {
  static constexpr char kName[] = "MFXVideoENCODE_EncodeFrameAsync";
  std::lock_guard lock(Mutex());
  mfxStatus status;
  VplSession* session = Find(kName, handle, status);
  if (!session) return status;
  if (!session->encoder) return Wrong(kName, "there is no encoder", MFX_ERR_NOT_INITIALIZED);
  if (!bitstream || !point) return MFX_ERR_NULL_PTR;
  VplEncoder& encoder = *session->encoder;
  const mfxInfoMFX& mfx = encoder.parameters.mfx;
  // Nothing is held back.
  if (!surface) return MFX_ERR_MORE_DATA;
  if (const char* reason = RefuseSurface(surface, mfx.FrameInfo)) return Wrong(kName, reason, MFX_ERR_INVALID_VIDEO_PARAM);
  const size_t used = size_t{bitstream->DataOffset} + bitstream->DataLength;
  if (!bitstream->Data || bitstream->MaxLength < used + size_t{mfx.BufferSizeInKB} * 1000 * Multiplier(mfx))
    return Wrong(kName, "there is less room than BufferSizeInKB says", MFX_ERR_NOT_ENOUGH_BUFFER);
  encoder.picture.Resize(encoder.settings.width, encoder.settings.height);
  FromNv12(encoder.picture, surface->Data.Y, Pitch(surface->Data), surface->Data.UV, Pitch(surface->Data));
  const bool due = encoder.period > 0 && encoder.frames % encoder.period == 0;
  const bool asked = control && control->FrameType & MFX_FRAMETYPE_IDR;
  if (asked && !(control->FrameType & MFX_FRAMETYPE_I && control->FrameType & MFX_FRAMETYPE_REF))
    Misuse("%s: a key frame is asked for with I, IDR and REF", kName);
  auto work = std::make_unique<Pending>();
  if (!encoder.encoder->Encode(encoder.picture, encoder.frames == 0 || due || asked || encoder.key_next, work->coded))
    return MFX_ERR_UNKNOWN;
  if (bitstream->MaxLength - used < work->coded.bytes.size()) return MFX_ERR_NOT_ENOUGH_BUFFER;
  ++encoder.frames;
  encoder.key_next = false;
  work->locked = surface;
  work->bitstream = bitstream;
  work->timestamp = surface->Data.TimeStamp;
  *point = session->Await(std::move(work));
  CountFrame();
  return MFX_ERR_NONE;
}

}  // namespace standin
