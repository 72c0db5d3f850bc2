// Debian has headers of VPL, as Intel has GPUs, for x86 alone.
#if __has_include(<vpl/mfx.h>)
#include "codecs/vpl/library.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "os/shared_library.h"

namespace sora {
namespace {

struct VplCodec {
  const char* name;
  mfxU32 id;
  mfxU32 profile;  // of 8-bit 4:2:0
};

constexpr VplCodec kVplCodecs[] = {{"VP9", MFX_CODEC_VP9, MFX_PROFILE_VP9_0},
                                   {"AV1", MFX_CODEC_AV1, MFX_PROFILE_AV1_MAIN},
                                   {"H264", MFX_CODEC_AVC, 0},
                                   {"H265", MFX_CODEC_HEVC, MFX_PROFILE_HEVC_MAIN}};

const char* NameOf(mfxStatus status) {
  switch (status) {
    case MFX_ERR_UNSUPPORTED: return "not supported";
    case MFX_ERR_MEMORY_ALLOC: return "out of memory";
    case MFX_ERR_INVALID_HANDLE: return "an invalid handle";
    case MFX_ERR_NOT_FOUND: return "not found";
    case MFX_ERR_DEVICE_LOST: return "the device is lost";
    case MFX_ERR_DEVICE_FAILED: return "the device failed";
    case MFX_ERR_GPU_HANG: return "the device hangs";
    case MFX_ERR_INVALID_VIDEO_PARAM: return "invalid parameters";
    case MFX_ERR_INCOMPATIBLE_VIDEO_PARAM: return "incompatible parameters";
    case MFX_ERR_UNDEFINED_BEHAVIOR: return "undefined behaviour";
    case MFX_ERR_ABORTED: return "aborted";
    default: return nullptr;
  }
}

// The widest range over a codec's profiles and kinds of memory; false when it lacks 8-bit NV12 in main memory or a profile.
template <typename Codec>
bool SizesOf(const Codec& codec, mfxU32 profile, SizeLimits& sizes) {
  bool found = false;
  for (int i = 0; i < codec.NumProfiles; ++i) {
    const auto& described = codec.Profiles[i];
    if (profile && described.Profile != profile) continue;
    for (int j = 0; j < described.NumMemTypes; ++j) {
      const auto& memory = described.MemDesc[j];
      if (std::none_of(memory.ColorFormats, memory.ColorFormats + memory.NumColorFormats,
                       [](mfxU32 format) { return format == MFX_FOURCC_NV12; }))
        continue;
      const SizeLimits range{static_cast<int>(memory.Width.Min), static_cast<int>(memory.Height.Min),
                             static_cast<int>(memory.Width.Max), static_cast<int>(memory.Height.Max)};
      if (!found || range.max_width > sizes.max_width) sizes = range;
      found = true;
    }
  }
  return found;
}

template <typename Description>
std::vector<HardwareCodec> CodecsOf(const Description& description) {
  std::vector<HardwareCodec> codecs;
  for (const auto& known : kVplCodecs) {
    for (int i = 0; i < description.NumCodecs; ++i) {
      const auto& codec = description.Codecs[i];
      HardwareCodec found{known.name, {}};
      if (codec.CodecID != known.id || !SizesOf(codec, known.profile, found.sizes)) continue;
      // "51" is level 5.1, which SDP calls 153; the tier is another bit.
      if (const int level = codec.MaxcodecLevel & 0xff; known.id == MFX_CODEC_HEVC && level >= 10 && level <= 62)
        found.h265_level = level * 3;
      codecs.push_back(std::move(found));
      break;
    }
  }
  return codecs;
}

}  // namespace

mfxU32 VplCodecId(const std::string& name) {
  for (const auto& codec : kVplCodecs)
    if (name == codec.name) return codec.id;
  return 0;
}

const VplLibrary* VplLibrary::Get(std::string& why_not) {
  static std::string reason;
  static const VplLibrary* const loaded = []() -> const VplLibrary* {
    void* const library = OpenInstalledLibrary("vpl", 2);
    if (!library) {
      reason = "there is no VPL dispatcher: the library vpl could not be opened";
      return nullptr;
    }
    auto* const functions = new VplLibrary;
    bool complete = true;
    const auto find = [&](const char* name, auto& function) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(FindFunction(library, name));
      complete &= function != nullptr;
    };
    find("MFXLoad", functions->Load);
    find("MFXUnload", functions->Unload);
    find("MFXCreateConfig", functions->CreateConfig);
    find("MFXSetConfigFilterProperty", functions->SetConfigFilterProperty);
    find("MFXEnumImplementations", functions->EnumImplementations);
    find("MFXDispReleaseImplDescription", functions->DispReleaseImplDescription);
    find("MFXCreateSession", functions->CreateSession);
    find("MFXClose", functions->Close);
    find("MFXQueryIMPL", functions->QueryIMPL);
    find("MFXQueryVersion", functions->QueryVersion);
    find("MFXVideoCORE_SyncOperation", functions->SyncOperation);
    find("MFXVideoENCODE_Query", functions->EncodeQuery);
    find("MFXVideoENCODE_QueryIOSurf", functions->EncodeQueryIOSurf);
    find("MFXVideoENCODE_Init", functions->EncodeInit);
    find("MFXVideoENCODE_Reset", functions->EncodeReset);
    find("MFXVideoENCODE_Close", functions->EncodeClose);
    find("MFXVideoENCODE_GetVideoParam", functions->EncodeGetVideoParam);
    find("MFXVideoENCODE_EncodeFrameAsync", functions->EncodeFrameAsync);
    find("MFXVideoDECODE_QueryIOSurf", functions->DecodeQueryIOSurf);
    find("MFXVideoDECODE_DecodeHeader", functions->DecodeHeader);
    find("MFXVideoDECODE_Init", functions->DecodeInit);
    find("MFXVideoDECODE_Close", functions->DecodeClose);
    find("MFXVideoDECODE_DecodeFrameAsync", functions->DecodeFrameAsync);
    if (complete) return functions;
    delete functions;
    reason = "the library vpl is no dispatcher of VPL 2.0 or later";
    return nullptr;
  }();
  why_not = reason;
  return loaded;
}

void CheckVpl(mfxStatus status, const char* call) {
  // A device that is still busy after all tries, or still at work, is no success.
  if (status >= MFX_ERR_NONE && status != MFX_WRN_DEVICE_BUSY && status != MFX_WRN_IN_EXECUTION) return;
  const bool lost = status == MFX_ERR_DEVICE_LOST || status == MFX_ERR_DEVICE_FAILED || status == MFX_ERR_GPU_HANG;
  const char* const name = status > 0 ? "the device is busy" : NameOf(status);
  throw HardwareFailure(std::string(call) + ": " + std::to_string(status) + (name ? std::string(" (") + name + ")" : ""),
                        lost ? HardwareFailure::Kind::kLasting : HardwareFailure::Kind::kPassing);
}

std::shared_ptr<VplDevice> VplDevice::Open(std::string& why_not) {
  static std::mutex mutex;
  static std::weak_ptr<VplDevice> open;
  std::lock_guard lock(mutex);
  if (auto device = open.lock()) return device;
  const VplLibrary* const library = VplLibrary::Get(why_not);
  if (!library) return nullptr;
  std::shared_ptr<VplDevice> device(new VplDevice(*library));
  try {
    device->Describe();
  } catch (const HardwareFailure& failure) {
    why_not = failure.what();
    return nullptr;
  }
  open = device;
  return device;
}

VplDevice::~VplDevice() {
  if (loader_) library_.Unload(loader_);
}

void VplDevice::Describe() {
  loader_ = library_.Load();
  if (!loader_) throw HardwareFailure("MFXLoad failed");
  const mfxConfig config = library_.CreateConfig(loader_);
  if (!config) throw HardwareFailure("MFXCreateConfig failed");
  mfxVariant hardware{};
  hardware.Version.Version = MFX_VARIANT_VERSION;
  hardware.Type = MFX_VARIANT_TYPE_U32;
  hardware.Data.U32 = MFX_IMPL_TYPE_HARDWARE;
  CheckVpl(library_.SetConfigFilterProperty(config, reinterpret_cast<const mfxU8*>("mfxImplDescription.Impl"), hardware),
           "MFXSetConfigFilterProperty");
  mfxHDL handle = nullptr;
  const mfxStatus status = library_.EnumImplementations(loader_, 0, MFX_IMPLCAPS_IMPLDESCSTRUCTURE, &handle);
  if (status == MFX_ERR_NOT_FOUND)
    throw HardwareFailure("there is no Intel device with a VPL runtime: the dispatcher finds none");
  CheckVpl(status, "MFXEnumImplementations");
  const auto& description = *static_cast<const mfxImplDescription*>(handle);
  const mfxVersion api = description.ApiVersion;
  encoders_ = CodecsOf(description.Enc);
  decoders_ = CodecsOf(description.Dec);
  library_.DispReleaseImplDescription(loader_, handle);
  if (api.Major < 2)
    throw HardwareFailure("the VPL runtime is too old: its API is " + std::to_string(api.Major) + "." +
                          std::to_string(api.Minor) + ", and needed is 2.0 (Intel's runtime for devices from 2020 on)");

  const mfxSession session = CreateSession();
  mfxIMPL implementation = 0;
  mfxVersion version{};
  const mfxStatus implemented = library_.QueryIMPL(session, &implementation);
  const mfxStatus versioned = library_.QueryVersion(session, &version);
  library_.Close(session);
  CheckVpl(implemented, "MFXQueryIMPL");
  CheckVpl(versioned, "MFXQueryVersion");
  parameters_ = {{"version", std::to_string(version.Major) + "." + std::to_string(version.Minor)},
                 {"vpl_impl", MFX_IMPL_BASETYPE(implementation) == MFX_IMPL_SOFTWARE ? "SOFTWARE" : "HARDWARE"},
                 {"vpl_impl_value", std::to_string(implementation)}};
}

mfxSession VplDevice::CreateSession() {
  std::lock_guard lock(mutex_);
  mfxSession session = nullptr;
  CheckVpl(library_.CreateSession(loader_, 0, &session), "MFXCreateSession");
  return session;
}

void VplSession::Sleep() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

void VplSession::Sync(mfxSyncPoint point) {
  pending_ = point;
  CheckVpl(library().SyncOperation(session_, point, kMostTries * 5), "MFXVideoCORE_SyncOperation");
  pending_ = nullptr;
}

void VplSession::Settle() {
  if (pending_) library().SyncOperation(session_, std::exchange(pending_, nullptr), kMostTries * 5);
}

VplSurface::VplSurface(const mfxFrameInfo& info) : memory_(static_cast<size_t>(info.Width) * info.Height * 3 / 2) {
  surface.Version.Version = MFX_FRAMESURFACE1_VERSION;
  surface.Info = info;
  surface.Data.Y = memory_.data();
  surface.Data.UV = surface.Data.Y + static_cast<size_t>(info.Width) * info.Height;
  surface.Data.PitchLow = info.Width;
}

void VplSurfaces::Allocate(const mfxFrameInfo& info, size_t count) {
  surfaces_.clear();
  for (size_t i = 0; i < count; ++i) surfaces_.push_back(std::make_unique<VplSurface>(info));
}

mfxFrameSurface1& VplSurfaces::Free() {
  for (const auto& surface : surfaces_)
    if (surface->surface.Data.Locked == 0) return surface->surface;
  throw HardwareFailure("the driver holds all frames");
}

}  // namespace sora

#endif
