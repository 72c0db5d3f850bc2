#include <cstring>

#include "vpl/session.h"

namespace standin {
namespace {

const char* Refuse(const mfxVideoParam& parameters, Codec& codec) {
  if (!CodecOf(parameters.mfx.CodecId, codec) || !CanDecode(codec)) return "the device does not decode this codec";
  if (const char* reason = Refuse(parameters.mfx.FrameInfo, DecoderSizes(codec))) return reason;
  if (parameters.IOPattern != MFX_IOPATTERN_OUT_SYSTEM_MEMORY) return "frames must go to system memory";
  if (codec == Codec::kAv1 && !parameters.mfx.CodecLevel) return "AV1 needs CodecLevel";
  return nullptr;
}

mfxU16 Align(int size) { return static_cast<mfxU16>((size + 15) / 16 * 16); }

void Describe(const Header& header, Codec codec, mfxInfoMFX& mfx) {
  mfxFrameInfo& info = mfx.FrameInfo;
  info = {};
  info.FourCC = MFX_FOURCC_NV12;
  info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
  info.PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
  info.BitDepthLuma = info.BitDepthChroma = 8;
  info.Width = Align(header.coded_width);
  info.Height = Align(header.coded_height);
  info.CropW = static_cast<mfxU16>(header.width);
  info.CropH = static_cast<mfxU16>(header.height);
  info.FrameRateExtN = 30;
  info.FrameRateExtD = 1;
  info.AspectRatioW = info.AspectRatioH = 1;
  mfx.CodecProfile = static_cast<mfxU16>(header.profile ? header.profile : 1);
  mfx.CodecLevel = static_cast<mfxU16>(codec == Codec::kAv1 ? mfxU16{MFX_LEVEL_AV1_2} : header.level);
}

}  // namespace

STANDIN_EXPORT mfxStatus MFXVideoDECODE_DecodeHeader(mfxSession handle, mfxBitstream* bitstream, mfxVideoParam* out) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  if (!Find("MFXVideoDECODE_DecodeHeader", handle, status)) return status;
  if (!bitstream || !out) return MFX_ERR_NULL_PTR;
  Codec codec;
  if (!CodecOf(out->mfx.CodecId, codec) || !CanDecode(codec)) return MFX_ERR_UNSUPPORTED;
  const Header header = ReadHeader(codec, bitstream->Data + bitstream->DataOffset, bitstream->DataLength);
  if (header.sequence) Describe(header, codec, out->mfx);
  return header.sequence ? MFX_ERR_NONE : MFX_ERR_MORE_DATA;
}

STANDIN_EXPORT mfxStatus MFXVideoDECODE_Query(mfxSession handle, mfxVideoParam* in, mfxVideoParam* out) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  if (!Find("MFXVideoDECODE_Query", handle, status)) return status;
  if (!out) return MFX_ERR_NULL_PTR;
  Codec codec;
  if (!in) return CodecOf(out->mfx.CodecId, codec) && CanDecode(codec) ? MFX_ERR_NONE : MFX_ERR_UNSUPPORTED;
  out->mfx = in->mfx;
  out->AsyncDepth = in->AsyncDepth;
  out->IOPattern = in->IOPattern;
  return Refuse(*in, codec) ? MFX_ERR_UNSUPPORTED : MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXVideoDECODE_QueryIOSurf(mfxSession handle, mfxVideoParam* parameters,
                                                    mfxFrameAllocRequest* request) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  if (!Find("MFXVideoDECODE_QueryIOSurf", handle, status)) return status;
  Codec codec;
  if (const char* reason = Refuse(*parameters, codec))
    return Wrong("MFXVideoDECODE_QueryIOSurf", reason, MFX_ERR_INVALID_VIDEO_PARAM);
  request->Info = parameters->mfx.FrameInfo;
  request->NumFrameMin = 1;
  request->NumFrameSuggested = static_cast<mfxU16>(1 + parameters->AsyncDepth);
  request->Type = MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_EXTERNAL_FRAME;
  return MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXVideoDECODE_Init(mfxSession handle, mfxVideoParam* parameters) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  VplSession* session = Find("MFXVideoDECODE_Init", handle, status);
  if (!session) return status;
  if (session->decoder) return Wrong("MFXVideoDECODE_Init", "the session has a decoder", MFX_ERR_UNDEFINED_BEHAVIOR);
  auto decoder = std::make_unique<VplDecoder>();
  if (const char* reason = Refuse(*parameters, decoder->codec))
    return Wrong("MFXVideoDECODE_Init", reason, MFX_ERR_INVALID_VIDEO_PARAM);
  decoder->parameters = *parameters;
  decoder->parameters.ExtParam = nullptr;
  decoder->parameters.NumExtParam = 0;
  decoder->decoder = MakeDecoder(decoder->codec);
  if (!decoder->decoder) return MFX_ERR_MEMORY_ALLOC;
  session->decoder = std::move(decoder);
  Opened(Kind::kDecoder);
  return MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXVideoDECODE_Reset(mfxSession handle, mfxVideoParam* parameters) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  VplSession* session = Find("MFXVideoDECODE_Reset", handle, status);
  if (!session) return status;
  if (!session->decoder) return Wrong("MFXVideoDECODE_Reset", "there is no decoder", MFX_ERR_NOT_INITIALIZED);
  const mfxFrameInfo &now = session->decoder->parameters.mfx.FrameInfo, &next = parameters->mfx.FrameInfo;
  if (next.Width > now.Width || next.Height > now.Height) return MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
  session->decoder->waiting.clear();
  session->decoder->decoder = MakeDecoder(session->decoder->codec);
  return session->decoder->decoder ? MFX_ERR_NONE : MFX_ERR_MEMORY_ALLOC;
}

STANDIN_EXPORT mfxStatus MFXVideoDECODE_Close(mfxSession handle) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  VplSession* session = Find("MFXVideoDECODE_Close", handle, status, true);
  if (!session) return status;
  if (!session->decoder) return MFX_ERR_NOT_INITIALIZED;
  session->decoder = nullptr;
  Closed(Kind::kDecoder);
  return MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXVideoDECODE_GetVideoParam(mfxSession handle, mfxVideoParam* out) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  VplSession* session = Find("MFXVideoDECODE_GetVideoParam", handle, status);
  if (!session) return status;
  if (!session->decoder) return Wrong("MFXVideoDECODE_GetVideoParam", "there is no decoder", MFX_ERR_NOT_INITIALIZED);
  out->mfx = session->decoder->parameters.mfx;
  out->AsyncDepth = session->decoder->parameters.AsyncDepth;
  out->IOPattern = session->decoder->parameters.IOPattern;
  return MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXVideoDECODE_DecodeFrameAsync(mfxSession handle, mfxBitstream* bitstream, mfxFrameSurface1* work,
                                                         mfxFrameSurface1** out, mfxSyncPoint* point) {
  static constexpr char kName[] = "MFXVideoDECODE_DecodeFrameAsync";
  std::lock_guard lock(Mutex());
  mfxStatus status;
  VplSession* session = Find(kName, handle, status);
  if (!session) return status;
  if (!session->decoder) return Wrong(kName, "there is no decoder", MFX_ERR_NOT_INITIALIZED);
  if (!out || !point) return MFX_ERR_NULL_PTR;
  VplDecoder& decoder = *session->decoder;
  *point = nullptr;
  const bool has_data = bitstream && bitstream->DataLength;
  if (!has_data && decoder.waiting.empty()) return MFX_ERR_MORE_DATA;
  if (work && work->Data.Locked) return MFX_ERR_MORE_SURFACE;
  if (const char* reason = RefuseSurface(work, decoder.parameters.mfx.FrameInfo))
    return Wrong(kName, reason, work ? MFX_ERR_INVALID_VIDEO_PARAM : MFX_ERR_NULL_PTR);
  const uint8_t* data = has_data ? bitstream->Data + bitstream->DataOffset : nullptr;
  if (has_data) {
    const Header header = ReadHeader(decoder.codec, data, bitstream->DataLength);
    const mfxFrameInfo& info = decoder.parameters.mfx.FrameInfo;
    const mfxU16 width = info.CropW ? info.CropW : info.Width, height = info.CropH ? info.CropH : info.Height;
    // Nothing is consumed: the client closes the decoder and opens another with this data.
    if (header.sequence && decoder.waiting.empty() && (header.width != width || header.height != height))
      return MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
  }
  // A frame is complete when the client says so, or else when the next one begins.
  const bool complete = has_data && bitstream->DataFlag & MFX_BITSTREAM_COMPLETE_FRAME;
  std::vector<uint8_t> frame = std::move(decoder.waiting);
  decoder.waiting.clear();
  mfxU64 time = decoder.waiting_time;
  if (has_data) {
    auto& target = complete ? frame : decoder.waiting;
    target.insert(target.end(), data, data + bitstream->DataLength);
    (complete ? time : decoder.waiting_time) = bitstream->TimeStamp;
    bitstream->DataOffset += bitstream->DataLength;
    bitstream->DataLength = 0;
  }
  if (frame.empty()) return MFX_ERR_MORE_DATA;
  std::vector<Picture> pictures;
  decoder.decoder->Decode(frame.data(), frame.size(), pictures);
  if (pictures.empty()) return MFX_ERR_MORE_DATA;
  auto pending = std::make_unique<Pending>();
  pending->picture = std::move(pictures.back());
  if (pending->picture.width > work->Info.Width || pending->picture.height > work->Info.Height)
    return MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
  pending->locked = pending->surface = work;
  work->Data.TimeStamp = time;
  work->Data.Corrupted = 0;
  work->Info.CropW = static_cast<mfxU16>(pending->picture.width);
  work->Info.CropH = static_cast<mfxU16>(pending->picture.height);
  *out = work;
  *point = session->Await(std::move(pending));
  CountFrame();
  return MFX_ERR_NONE;
}

}  // namespace standin
