// What the runtime tells the dispatcher of itself: versions, the device, codecs with their sizes.
#include <cstdio>
#include <cstring>
#include <deque>

#include "vpl/session.h"

namespace standin {
namespace {

constexpr mfxU32 kIds[] = {MFX_CODEC_AVC, MFX_CODEC_HEVC, MFX_CODEC_AV1, MFX_CODEC_VP9};

mfxVersion ApiVersion() {
  const int64_t version = Get(Setting::kVersion) ? Get(Setting::kVersion) : 208;
  mfxVersion api = {};
  api.Major = static_cast<mfxU16>(version / 100);
  api.Minor = static_cast<mfxU16>(version % 100);
  return api;
}

std::vector<mfxU32> Profiles(mfxU32 id) {
  if (id == MFX_CODEC_AVC)
    return {MFX_PROFILE_AVC_BASELINE, MFX_PROFILE_AVC_CONSTRAINED_BASELINE, MFX_PROFILE_AVC_MAIN, MFX_PROFILE_AVC_HIGH};
  if (id == MFX_CODEC_HEVC) return {MFX_PROFILE_HEVC_MAIN};
  return {id == MFX_CODEC_AV1 ? mfxU32{MFX_PROFILE_AV1_MAIN} : mfxU32{MFX_PROFILE_VP9_0}};
}

mfxU16 Level(mfxU32 id) {
  switch (id) {
    case MFX_CODEC_AV1: return MFX_LEVEL_AV1_53;
    case MFX_CODEC_VP9: return 0;
    case MFX_CODEC_HEVC: return static_cast<mfxU16>(Get(Setting::kLevel) ? Get(Setting::kLevel) : 51);
    default: return 51;
  }
}

// Everything that the structure points to, which must live as long.
struct Description {
  mfxImplDescription structure = {};
  mfxExtendedDeviceId device = {};
  mfxU32 format = MFX_FOURCC_NV12;
  std::vector<mfxEncoderDescription::encoder> encoders;
  std::vector<mfxDecoderDescription::decoder> decoders;
  std::deque<std::vector<mfxEncoderDescription::encoder::encprofile>> encoder_profiles;
  std::deque<std::vector<mfxDecoderDescription::decoder::decprofile>> decoder_profiles;
  std::deque<mfxEncoderDescription::encoder::encprofile::encmemdesc> encoder_memory;
  std::deque<mfxDecoderDescription::decoder::decprofile::decmemdesc> decoder_memory;
  mfxAccelerationMode mode = MFX_ACCEL_MODE_VIA_VAAPI;
  mfxHDL handle = nullptr;

  Description() {
    structure.Version.Version = MFX_IMPLDESCRIPTION_VERSION;
    structure.Impl = MFX_IMPL_TYPE_HARDWARE;
    if (Get(Setting::kSoftware)) {
      structure.Impl = MFX_IMPL_TYPE_SOFTWARE;
      mode = MFX_ACCEL_MODE_NA;
    }
    structure.AccelerationMode = mode;
    structure.ApiVersion = ApiVersion();
    strcpy(structure.ImplName, "Stand-in for VPL");
    strcpy(structure.License, "MIT");
    strcpy(structure.Keywords, "VPL,standin");
    structure.VendorID = 0x8086;
    structure.Dev.Version.Version = MFX_DEVICEDESCRIPTION_VERSION;
    structure.Dev.MediaAdapterType = MFX_MEDIA_DISCRETE;
    strcpy(structure.Dev.DeviceID, "56a0/0");
    structure.AccelerationModeDescription.Version.Version = MFX_ACCELERATIONMODESCRIPTION_VERSION;
    structure.AccelerationModeDescription.NumAccelerationModes = 1;
    structure.AccelerationModeDescription.Mode = &mode;
    AddEncoders();
    AddDecoders();
    device.Version.Version = MFX_EXTENDEDDEVICEID_VERSION;
    device.VendorID = 0x8086;
    device.DeviceID = 0x56a0;
    strcpy(device.DeviceName, "Stand-in for VPL");
  }

  void AddEncoders() {
    for (const mfxU32 id : kIds) {
      Codec codec;
      if (!CodecOf(id, codec) || !CanEncode(codec)) continue;
      const VplSizes sizes = EncoderSizes(codec);
      auto& memory = encoder_memory.emplace_back();
      memory.MemHandleType = MFX_RESOURCE_SYSTEM_SURFACE;
      memory.Width = {sizes.min_width, sizes.max_width, 16};
      memory.Height = {sizes.min_height, sizes.max_height, 16};
      memory.NumColorFormats = 1;
      memory.ColorFormats = &format;
      auto& profiles = encoder_profiles.emplace_back();
      for (const mfxU32 profile : Profiles(id)) {
        auto& entry = profiles.emplace_back();
        entry.Profile = profile;
        entry.NumMemTypes = 1;
        entry.MemDesc = &memory;
      }
      auto& encoder = encoders.emplace_back();
      encoder.CodecID = id;
      encoder.MaxcodecLevel = Level(id);
      encoder.NumProfiles = static_cast<mfxU16>(profiles.size());
      encoder.Profiles = profiles.data();
    }
    structure.Enc.Version.Version = MFX_ENCODERDESCRIPTION_VERSION;
    structure.Enc.NumCodecs = static_cast<mfxU16>(encoders.size());
    structure.Enc.Codecs = encoders.data();
  }

  void AddDecoders() {
    for (const mfxU32 id : kIds) {
      Codec codec;
      if (!CodecOf(id, codec) || !CanDecode(codec)) continue;
      const VplSizes sizes = DecoderSizes(codec);
      auto& memory = decoder_memory.emplace_back();
      memory.MemHandleType = MFX_RESOURCE_SYSTEM_SURFACE;
      memory.Width = {sizes.min_width, sizes.max_width, 16};
      memory.Height = {sizes.min_height, sizes.max_height, 16};
      memory.NumColorFormats = 1;
      memory.ColorFormats = &format;
      auto& profiles = decoder_profiles.emplace_back();
      for (const mfxU32 profile : Profiles(id)) {
        auto& entry = profiles.emplace_back();
        entry.Profile = profile;
        entry.NumMemTypes = 1;
        entry.MemDesc = &memory;
      }
      auto& decoder = decoders.emplace_back();
      decoder.CodecID = id;
      decoder.MaxcodecLevel = Level(id);
      decoder.NumProfiles = static_cast<mfxU16>(profiles.size());
      decoder.Profiles = profiles.data();
    }
    structure.Dec.Version.Version = MFX_DECODERDESCRIPTION_VERSION;
    structure.Dec.NumCodecs = static_cast<mfxU16>(decoders.size());
    structure.Dec.Codecs = decoders.data();
  }
};

const char* const kFunctions[] = {"MFXVideoENCODE_Init", "MFXVideoENCODE_EncodeFrameAsync", "MFXVideoENCODE_Query",
                                  "MFXVideoDECODE_Init", "MFXVideoDECODE_DecodeFrameAsync", "MFXVideoDECODE_Query"};

struct Functions {
  mfxImplementedFunctions structure = {};
  mfxHDL handle = nullptr;
};

// What has been handed out.
std::map<mfxHDL, std::unique_ptr<Description>>& Descriptions() {
  static auto& descriptions = *new std::map<mfxHDL, std::unique_ptr<Description>>();
  return descriptions;
}

}  // namespace

STANDIN_EXPORT mfxHDL* MFXQueryImplsDescription(mfxImplCapsDeliveryFormat format, mfxU32* count) {
  std::lock_guard lock(Mutex());
  *count = 0;
  if (Enter("MFXQueryImplsDescription") != Verdict::kGo || Get(Setting::kAbsent)) return nullptr;
  if (format == MFX_IMPLCAPS_IMPLEMENTEDFUNCTIONS) {
    static Functions functions;
    functions.structure.NumFunctions = static_cast<mfxU16>(std::size(kFunctions));
    functions.structure.FunctionsName = const_cast<mfxChar**>(kFunctions);
    functions.handle = &functions.structure;
    *count = 1;
    return &functions.handle;
  }
  if (format != MFX_IMPLCAPS_IMPLDESCSTRUCTURE && format != MFX_IMPLCAPS_DEVICE_ID_EXTENDED) return nullptr;
  auto description = std::make_unique<Description>();
  description->handle =
      format == MFX_IMPLCAPS_IMPLDESCSTRUCTURE ? static_cast<mfxHDL>(&description->structure) : &description->device;
  mfxHDL* handles = &description->handle;
  Descriptions()[description->handle] = std::move(description);
  Opened(Kind::kLoader);
  *count = 1;
  return handles;
}

STANDIN_EXPORT mfxStatus MFXReleaseImplDescription(mfxHDL handle) {
  std::lock_guard lock(Mutex());
  Enter("MFXReleaseImplDescription", true);
  if (Descriptions().erase(handle)) Closed(Kind::kLoader);
  return MFX_ERR_NONE;
}

STANDIN_EXPORT mfxStatus MFXQueryVersion(mfxSession session, mfxVersion* version) {
  std::lock_guard lock(Mutex());
  mfxStatus status;
  if (!Find("MFXQueryVersion", session, status)) return status;
  *version = ApiVersion();
  return MFX_ERR_NONE;
}

}  // namespace standin
