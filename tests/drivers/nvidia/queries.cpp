// What a session answers before it is initialized: codecs, profiles, presets, capabilities.
#include <algorithm>
#include <cstring>

#include "nvidia/session.h"

namespace standin {
namespace {

constexpr NV_ENC_BUFFER_FORMAT kFormats[] = {NV_ENC_BUFFER_FORMAT_NV12, NV_ENC_BUFFER_FORMAT_IYUV,
                                             NV_ENC_BUFFER_FORMAT_YV12};
constexpr Codec kCodecs[] = {Codec::kH264, Codec::kH265, Codec::kAv1};
const GUID* const kGuids[] = {&NV_ENC_CODEC_H264_GUID, &NV_ENC_CODEC_HEVC_GUID, &NV_ENC_CODEC_AV1_GUID};
const GUID* const kPresets[] = {&NV_ENC_PRESET_P1_GUID, &NV_ENC_PRESET_P2_GUID, &NV_ENC_PRESET_P3_GUID,
                                &NV_ENC_PRESET_P4_GUID, &NV_ENC_PRESET_P5_GUID, &NV_ENC_PRESET_P6_GUID,
                                &NV_ENC_PRESET_P7_GUID};

std::vector<GUID> Codecs() {
  std::vector<GUID> list;
  for (size_t i = 0; i < std::size(kCodecs); ++i)
    if (CanEncode(kCodecs[i])) list.push_back(*kGuids[i]);
  return list;
}

std::vector<GUID> Profiles(Codec codec) {
  if (codec == Codec::kH265) return {NV_ENC_HEVC_PROFILE_MAIN_GUID};
  if (codec == Codec::kAv1) return {NV_ENC_AV1_PROFILE_MAIN_GUID};
  return {NV_ENC_H264_PROFILE_BASELINE_GUID, NV_ENC_H264_PROFILE_MAIN_GUID, NV_ENC_H264_PROFILE_HIGH_GUID};
}

std::vector<GUID> Presets() {
  std::vector<GUID> list;
  for (const GUID* preset : kPresets) list.push_back(*preset);
  return list;
}

template <typename Item>
void Hand(const std::vector<Item>& list, Item* out, uint32_t room, uint32_t* count) {
  *count = std::min(room, static_cast<uint32_t>(list.size()));
  std::copy_n(list.begin(), *count, out);
}

// A question about a codec.
Session* Ask(const char* function, void* encoder, const GUID& guid, Codec& codec, NVENCSTATUS& result) {
  Session* session = Find(function, encoder, result);
  if (session && !CodecOf(guid, codec)) {
    result = Refused(session, NV_ENC_ERR_UNSUPPORTED_PARAM);
    return nullptr;
  }
  return session;
}

NVENCSTATUS GuidCount(void* encoder, uint32_t* count) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  if (Find("nvEncGetEncodeGUIDCount", encoder, result)) *count = static_cast<uint32_t>(Codecs().size());
  return result;
}

NVENCSTATUS Guids(void* encoder, GUID* out, uint32_t room, uint32_t* count) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  if (Find("nvEncGetEncodeGUIDs", encoder, result)) Hand(Codecs(), out, room, count);
  return result;
}

NVENCSTATUS ProfileCount(void* encoder, GUID guid, uint32_t* count) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Codec codec;
  if (Ask("nvEncGetEncodeProfileGUIDCount", encoder, guid, codec, result))
    *count = static_cast<uint32_t>(Profiles(codec).size());
  return result;
}

NVENCSTATUS ProfileGuids(void* encoder, GUID guid, GUID* out, uint32_t room, uint32_t* count) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Codec codec;
  if (Ask("nvEncGetEncodeProfileGUIDs", encoder, guid, codec, result)) Hand(Profiles(codec), out, room, count);
  return result;
}

NVENCSTATUS FormatCount(void* encoder, GUID guid, uint32_t* count) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Codec codec;
  if (Ask("nvEncGetInputFormatCount", encoder, guid, codec, result)) *count = std::size(kFormats);
  return result;
}

NVENCSTATUS Formats(void* encoder, GUID guid, NV_ENC_BUFFER_FORMAT* out, uint32_t room, uint32_t* count) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Codec codec;
  if (Ask("nvEncGetInputFormats", encoder, guid, codec, result))
    Hand(std::vector<NV_ENC_BUFFER_FORMAT>(std::begin(kFormats), std::end(kFormats)), out, room, count);
  return result;
}

NVENCSTATUS PresetCount(void* encoder, GUID guid, uint32_t* count) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Codec codec;
  if (Ask("nvEncGetEncodePresetCount", encoder, guid, codec, result)) *count = std::size(kPresets);
  return result;
}

NVENCSTATUS PresetGuids(void* encoder, GUID guid, GUID* out, uint32_t room, uint32_t* count) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Codec codec;
  if (Ask("nvEncGetEncodePresetGUIDs", encoder, guid, codec, result)) Hand(Presets(), out, room, count);
  return result;
}

int Capability(Codec codec, NV_ENC_CAPS capability) {
  const Sizes sizes = SizesOf(codec);
  switch (capability) {
    case NV_ENC_CAPS_WIDTH_MIN: return sizes.min_width;
    case NV_ENC_CAPS_HEIGHT_MIN: return sizes.min_height;
    case NV_ENC_CAPS_WIDTH_MAX: return sizes.max_width;
    case NV_ENC_CAPS_HEIGHT_MAX: return sizes.max_height;
    case NV_ENC_CAPS_MB_NUM_MAX: return sizes.max_width * sizes.max_height / 256;
    case NV_ENC_CAPS_MB_PER_SEC_MAX: return 983040;
    case NV_ENC_CAPS_SUPPORTED_RATECONTROL_MODES: return NV_ENC_PARAMS_RC_VBR | NV_ENC_PARAMS_RC_CBR;
    // Level 5.1; H.265's in thirtieths; AV1's by its number.
    case NV_ENC_CAPS_LEVEL_MAX:
      if (codec == Codec::kH265) return static_cast<int>(Get(Setting::kLevel) ? Get(Setting::kLevel) * 3 : 153);
      return codec == Codec::kH264 ? 51 : 13;
    case NV_ENC_CAPS_LEVEL_MIN: return codec == Codec::kH264 ? 10 : codec == Codec::kH265 ? 30 : 0;
    // The interface of version 12.1 has them for H.264 alone.
    case NV_ENC_CAPS_SUPPORT_TEMPORAL_SVC: return codec == Codec::kH264 && MostLayers() > 1;
    case NV_ENC_CAPS_NUM_MAX_TEMPORAL_LAYERS: return codec == Codec::kH264 ? MostLayers() : 1;
    case NV_ENC_CAPS_SUPPORT_CABAC:
    case NV_ENC_CAPS_SUPPORT_DYN_BITRATE_CHANGE:
    case NV_ENC_CAPS_SUPPORT_DYN_RES_CHANGE:
    case NV_ENC_CAPS_SUPPORT_CUSTOM_VBV_BUF_SIZE:
    case NV_ENC_CAPS_NUM_ENCODER_ENGINES: return 1;
    case NV_ENC_CAPS_DYNAMIC_QUERY_ENCODER_CAPACITY: return 100;
    default: return 0;
  }
}

NVENCSTATUS Caps(void* encoder, GUID guid, NV_ENC_CAPS_PARAM* parameter, int* value) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Codec codec;
  Session* session = Ask("nvEncGetEncodeCaps", encoder, guid, codec, result);
  if (!session) return result;
  if (const NVENCSTATUS status = CheckVersion("nvEncGetEncodeCaps", session, parameter->version, 1)) return status;
  *value = Capability(codec, parameter->capsToQuery);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS PresetConfigEx(void* encoder, GUID guid, GUID preset, NV_ENC_TUNING_INFO tuning, NV_ENC_PRESET_CONFIG* out) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Codec codec;
  Session* session = Ask("nvEncGetEncodePresetConfigEx", encoder, guid, codec, result);
  if (!session) return result;
  if (const NVENCSTATUS status = CheckVersion("nvEncGetEncodePresetConfigEx", session, out->version, 4)) return status;
  if (const NVENCSTATUS status = CheckVersion("nvEncGetEncodePresetConfigEx", session, out->presetCfg.version, 8))
    return status;
  const bool known = std::any_of(std::begin(kPresets), std::end(kPresets), [&](const GUID* one) { return *one == preset; });
  if (!known || tuning == NV_ENC_TUNING_INFO_UNDEFINED || tuning > NV_ENC_TUNING_INFO_LOSSLESS) {
    Misuse("nvEncGetEncodePresetConfigEx: there is no such preset or tuning");
    return Refused(session, NV_ENC_ERR_UNSUPPORTED_PARAM);
  }
  NV_ENC_CONFIG& config = out->presetCfg;
  const uint32_t version = config.version;
  config = {};
  config.version = version;
  config.profileGUID = NV_ENC_CODEC_PROFILE_AUTOSELECT_GUID;
  const bool low_latency = tuning == NV_ENC_TUNING_INFO_LOW_LATENCY || tuning == NV_ENC_TUNING_INFO_ULTRA_LOW_LATENCY;
  config.gopLength = low_latency ? NVENC_INFINITE_GOPLENGTH : 250;
  config.frameIntervalP = 1;
  config.frameFieldMode = NV_ENC_PARAMS_FRAME_FIELD_MODE_FRAME;
  config.mvPrecision = NV_ENC_MV_PRECISION_QUARTER_PEL;
  config.rcParams.rateControlMode = low_latency ? NV_ENC_PARAMS_RC_CBR : NV_ENC_PARAMS_RC_VBR;
  config.rcParams.averageBitRate = 2'000'000;
  if (codec == Codec::kH264)
    config.encodeCodecConfig.h264Config.idrPeriod = config.gopLength,
    config.encodeCodecConfig.h264Config.chromaFormatIDC = 1;
  if (codec == Codec::kH265)
    config.encodeCodecConfig.hevcConfig.idrPeriod = config.gopLength,
    config.encodeCodecConfig.hevcConfig.chromaFormatIDC = 1;
  if (codec == Codec::kAv1)
    config.encodeCodecConfig.av1Config.idrPeriod = config.gopLength, config.encodeCodecConfig.av1Config.chromaFormatIDC = 1;
  return NV_ENC_SUCCESS;
}

// The one without tuning, which drivers from 591 on refuse.
NVENCSTATUS PresetConfig(void* encoder, GUID, GUID, NV_ENC_PRESET_CONFIG*) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncGetEncodePresetConfig", encoder, result);
  if (!session) return result;
  Misuse("nvEncGetEncodePresetConfig: newer drivers have nvEncGetEncodePresetConfigEx alone");
  return Refused(session, NV_ENC_ERR_UNSUPPORTED_PARAM);
}

const char* LastError(void*) { return "a stand-in has no more to say"; }

}  // namespace

void FillQueries(NV_ENCODE_API_FUNCTION_LIST& list) {
  list.nvEncGetEncodeGUIDCount = GuidCount;
  list.nvEncGetEncodeGUIDs = Guids;
  list.nvEncGetEncodeProfileGUIDCount = ProfileCount;
  list.nvEncGetEncodeProfileGUIDs = ProfileGuids;
  list.nvEncGetInputFormatCount = FormatCount;
  list.nvEncGetInputFormats = Formats;
  list.nvEncGetEncodePresetCount = PresetCount;
  list.nvEncGetEncodePresetGUIDs = PresetGuids;
  list.nvEncGetEncodeCaps = Caps;
  list.nvEncGetEncodePresetConfig = PresetConfig;
  list.nvEncGetEncodePresetConfigEx = PresetConfigEx;
  list.nvEncGetLastErrorString = LastError;
}

}  // namespace standin
