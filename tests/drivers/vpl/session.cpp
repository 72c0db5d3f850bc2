#include "vpl/session.h"

#include <cstring>

namespace standin {

const char kVendor[] = "vpl";

namespace {

std::map<mfxSession, std::unique_ptr<VplSession>>& Sessions() {
  static auto& sessions = *new std::map<mfxSession, std::unique_ptr<VplSession>>();
  return sessions;
}

void Deliver(Pending& work) {
  const Work own;
  if (work.locked) --work.locked->Data.Locked;
  if (mfxBitstream* out = work.bitstream) {
    memcpy(out->Data + out->DataOffset + out->DataLength, work.coded.bytes.data(), work.coded.bytes.size());
    out->DataLength += static_cast<mfxU32>(work.coded.bytes.size());
    out->TimeStamp = work.timestamp;
    out->DecodeTimeStamp = static_cast<mfxI64>(work.timestamp);
    out->PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    out->FrameType =
        work.coded.key ? MFX_FRAMETYPE_I | MFX_FRAMETYPE_IDR | MFX_FRAMETYPE_REF : MFX_FRAMETYPE_P | MFX_FRAMETYPE_REF;
    if (auto* info = Find<mfxExtAVCEncodedFrameInfo>(out->ExtParam, out->NumExtParam, MFX_EXTBUFF_ENCODED_FRAME_INFO))
      info->QP = static_cast<mfxU16>(work.coded.qp);
  }
  if (mfxFrameSurface1* surface = work.surface)
    ToNv12(work.picture, surface->Data.Y, Pitch(surface->Data), surface->Data.UV, Pitch(surface->Data));
}

}  // namespace

VplSession::~VplSession() {
  // Nothing comes of a device that is lost, however long a client waits.
  if (!pending.empty() && standin_get("lost") == 0) Misuse("MFXClose: %zu sync points were not waited for", pending.size());
  for (const auto& [handle, work] : pending)
    if (work->locked) --work->locked->Data.Locked;
  Closed(Kind::kLock, static_cast<int64_t>(pending.size()));
  if (encoder) Closed(Kind::kSession);
  if (decoder) Closed(Kind::kDecoder);
}

mfxSyncPoint VplSession::Await(std::unique_ptr<Pending> work) {
  const auto handle = reinterpret_cast<mfxSyncPoint>(work.get());
  if (work->locked) ++work->locked->Data.Locked;
  pending[handle] = std::move(work);
  Opened(Kind::kLock);
  return handle;
}

VplSession* Find(const char* function, mfxSession handle, mfxStatus& status, bool closing) {
  const Verdict verdict = Enter(function, closing);
  const auto found = Sessions().find(handle);
  status = MFX_ERR_INVALID_HANDLE;
  if (found == Sessions().end()) {
    if (handle) Misuse("%s: not a session", function);
    return nullptr;
  }
  switch (verdict) {
    case Verdict::kFail: status = MFX_ERR_UNKNOWN; return nullptr;
    case Verdict::kBusy: status = MFX_WRN_DEVICE_BUSY; return nullptr;
    case Verdict::kLost: status = MFX_ERR_DEVICE_LOST; return nullptr;
    case Verdict::kGo: break;
  }
  status = MFX_ERR_NONE;
  return found->second.get();
}

mfxStatus Wrong(const char* function, const char* reason, mfxStatus status) {
  Misuse("%s: %s", function, reason);
  return status;
}

bool CodecOf(mfxU32 id, Codec& codec) {
  switch (id) {
    case MFX_CODEC_AVC: codec = Codec::kH264; return true;
    case MFX_CODEC_HEVC: codec = Codec::kH265; return true;
    case MFX_CODEC_AV1: codec = Codec::kAv1; return true;
    case MFX_CODEC_VP9: codec = Codec::kVp9; return true;
    default: return false;
  }
}

VplSizes EncoderSizes(Codec codec) {
  if (codec == Codec::kH264) return {32, 32, 4096, 4096};
  return {128, 96, 8192, 8192};
}

VplSizes DecoderSizes(Codec codec) {
  if (codec == Codec::kH264) return {32, 32, 4096, 4096};
  return {16, 16, 8192, 8192};
}

const char* Refuse(const mfxFrameInfo& info, const VplSizes& sizes) {
  if (info.FourCC != MFX_FOURCC_NV12 || info.ChromaFormat != MFX_CHROMAFORMAT_YUV420)
    return "the format must be NV12 with 4:2:0";
  if (info.Width % 16 || info.Height % 16) return "width and height must be multiples of 16";
  if (info.CropX || info.CropY || info.CropW > info.Width || info.CropH > info.Height)
    return "the crop is outside of the frame";
  const mfxU32 width = info.CropW ? info.CropW : info.Width, height = info.CropH ? info.CropH : info.Height;
  if (width < sizes.min_width || height < sizes.min_height || width > sizes.max_width || height > sizes.max_height)
    return "the size is outside of what the device does";
  if (info.PicStruct != MFX_PICSTRUCT_PROGRESSIVE && info.PicStruct != MFX_PICSTRUCT_UNKNOWN)
    return "frames must be progressive";
  return nullptr;
}

const char* RefuseSurface(const mfxFrameSurface1* surface, const mfxFrameInfo& info) {
  if (!surface) return "there is no surface";
  if (surface->Info.FourCC != MFX_FOURCC_NV12) return "the surface must be NV12";
  if (surface->Info.Width < info.Width || surface->Info.Height < info.Height)
    return "the surface is smaller than the frames";
  if (!surface->Data.Y || !surface->Data.UV) return "the surface has no memory";
  if (Pitch(surface->Data) < info.Width) return "the pitch is less than the width";
  return nullptr;
}

size_t Pitch(const mfxFrameData& data) { return size_t{data.PitchHigh} << 16 | data.PitchLow; }

STANDIN_EXPORT mfxStatus MFXInitialize(mfxInitializationParam, mfxSession* session) {
  std::lock_guard lock(Mutex());
  switch (Enter("MFXInitialize")) {
    case Verdict::kFail: return MFX_ERR_UNKNOWN;
    case Verdict::kBusy: return MFX_WRN_DEVICE_BUSY;
    case Verdict::kLost: return MFX_ERR_DEVICE_FAILED;
    case Verdict::kGo: break;
  }
  if (!session) return MFX_ERR_NULL_PTR;
  if (Get(Setting::kAbsent)) return MFX_ERR_NOT_FOUND;
  auto created = std::make_unique<VplSession>();
  *session = reinterpret_cast<mfxSession>(created.get());
  Sessions()[*session] = std::move(created);
  Opened(Kind::kContext);
  return MFX_ERR_NONE;
}

// The dispatcher calls it with null after MFXInitialize has failed.
STANDIN_EXPORT mfxStatus MFXClose(mfxSession session) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  if (!Find("MFXClose", session, status, true)) return status;
  Sessions().erase(session);
  Closed(Kind::kContext);
  return MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXQueryIMPL(mfxSession session, mfxIMPL* implementation) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  if (!Find("MFXQueryIMPL", session, status)) return status;
  *implementation = Get(Setting::kSoftware) ? MFX_IMPL_SOFTWARE : MFX_IMPL_HARDWARE | MFX_IMPL_VIA_VAAPI;
  return MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXVideoCORE_SetHandle(mfxSession session, mfxHandleType, mfxHDL handle) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  if (!Find("MFXVideoCORE_SetHandle", session, status)) return status;
  return handle ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
}

STANDIN_EXPORT mfxStatus MFXVideoCORE_SetFrameAllocator(mfxSession session, mfxFrameAllocator*) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  Find("MFXVideoCORE_SetFrameAllocator", session, status);
  return status;
}

STANDIN_EXPORT mfxStatus MFXVideoCORE_QueryPlatform(mfxSession session, mfxPlatform* platform) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  if (!Find("MFXVideoCORE_QueryPlatform", session, status)) return status;
  *platform = {};
  platform->MediaAdapterType = MFX_MEDIA_DISCRETE;
  return MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXVideoCORE_SyncOperation(mfxSession session, mfxSyncPoint point, mfxU32) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  VplSession* found = Find("MFXVideoCORE_SyncOperation", session, status);
  if (status == MFX_WRN_DEVICE_BUSY) return MFX_WRN_IN_EXECUTION;
  if (!found) return status;
  const auto work = found->pending.find(point);
  if (work == found->pending.end())
    return Wrong("MFXVideoCORE_SyncOperation", "not a sync point of this session", MFX_ERR_INVALID_HANDLE);
  Deliver(*work->second);
  found->pending.erase(work);
  Closed(Kind::kLock);
  return MFX_ERR_NONE;
}

}  // namespace standin
