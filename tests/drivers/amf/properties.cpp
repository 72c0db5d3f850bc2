// The properties of components that clients may set, out of AMF's documents (amf/doc) and headers: their types and ranges, and
// whether Init fixes them. Others are accepted as they are, as AMF does.
#include <cwchar>
#include <iterator>
#include <limits>

#include "amf/component.h"

namespace standin {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

constexpr Property kH264Encoder[] = {
    {L"Usage", amf::kInt64, true, 0, 5},
    {L"Profile", amf::kInt64, true, 66, 257},
    {L"ProfileLevel", amf::kInt64, true, 10, 62},
    {L"RateControlMethod", amf::kInt64, true, -1, 6},
    {L"LowLatencyInternal", amf::kBool, true, 0, 1},
    {L"FrameSize", amf::kSize, true, 0, 0},
    {L"MaxNumOfTemporalLayers", amf::kInt64, true, 1, 4},
    {L"FrameRate", amf::kRate, false, 0, 0},
    {L"TargetBitrate", amf::kInt64, false, 10'000, 100'000'000},
    {L"PeakBitrate", amf::kInt64, false, 10'000, 100'000'000},
    {L"VBVBufferSize", amf::kInt64, false, 1'000, 100'000'000},
    {L"EnforceHRD", amf::kBool, false, 0, 1},
    {L"FillerDataEnable", amf::kBool, false, 0, 1},
    {L"RateControlSkipFrameEnable", amf::kBool, false, 0, 1},
    {L"IDRPeriod", amf::kInt64, false, 0, 1'000},
    {L"IntraPeriod", amf::kInt64, false, 0, 1'000},
    {L"HeaderInsertionSpacing", amf::kInt64, false, 0, 1'000},
    {L"BPicturesPattern", amf::kInt64, false, 0, 3},
    {L"NumOfTemporalEnhancmentLayers", amf::kInt64, false, 1, 4},
    {L"QueryTimeout", amf::kInt64, false, 0, 1'000},
};

constexpr Property kH265Encoder[] = {
    {L"HevcUsage", amf::kInt64, true, 0, 5},
    {L"HevcProfile", amf::kInt64, true, 1, 2},
    {L"HevcTier", amf::kInt64, true, 0, 1},
    {L"HevcProfileLevel", amf::kInt64, true, 30, 186},
    {L"HevcRateControlMethod", amf::kInt64, true, -1, 6},
    {L"LowLatencyInternal", amf::kBool, true, 0, 1},
    {L"HevcFrameSize", amf::kSize, true, 0, 0},
    {L"HevcGOPSPerIDR", amf::kInt64, true, 0, 65'535},
    {L"HevcGOPSize", amf::kInt64, true, 0, 1'000},
    {L"HevcHeaderInsertionMode", amf::kInt64, true, 0, 3},
    {L"HevcMaxNumOfTemporalLayers", amf::kInt64, true, 1, 4},
    {L"HevcFrameRate", amf::kRate, false, 0, 0},
    {L"HevcTargetBitrate", amf::kInt64, false, 1, kMost},
    {L"HevcPeakBitrate", amf::kInt64, false, 1, kMost},
    {L"HevcVBVBufferSize", amf::kInt64, false, 1, kMost},
    {L"HevcEnforceHRD", amf::kBool, false, 0, 1},
    {L"HevcFillerDataEnable", amf::kBool, false, 0, 1},
    {L"HevcRateControlSkipFrameEnable", amf::kBool, false, 0, 1},
    {L"HevcQueryTimeout", amf::kInt64, false, 0, 1'000},
};

constexpr Property kAv1Encoder[] = {
    {L"Av1Usage", amf::kInt64, true, 0, 5},
    {L"Av1Profile", amf::kInt64, true, 1, 1},
    {L"Av1Level", amf::kInt64, true, 0, 23},
    {L"Av1EncodingLatencyMode", amf::kInt64, true, 0, 3},
    {L"Av1RateControlMethod", amf::kInt64, true, -1, 6},
    {L"Av1AlignmentMode", amf::kInt64, true, 1, 4},
    {L"Av1FrameSize", amf::kSize, true, 0, 0},
    {L"Av1MaxNumOfTemporalLayers", amf::kInt64, true, 1, 4},
    {L"Av1FrameRate", amf::kRate, false, 0, 0},
    {L"Av1TargetBitrate", amf::kInt64, false, 1, kMost},
    {L"Av1PeakBitrate", amf::kInt64, false, 1, kMost},
    {L"Av1VBVBufferSize", amf::kInt64, false, 1, kMost},
    {L"Av1EnforceHRD", amf::kBool, false, 0, 1},
    {L"Av1FillerData", amf::kBool, false, 0, 1},
    {L"Av1RateControlSkipFrameEnable", amf::kBool, false, 0, 1},
    {L"Av1GOPSize", amf::kInt64, false, 0, kMost},
    {L"Av1HeaderInsertionMode", amf::kInt64, false, 0, 3},
    {L"Av1NumTemporalLayers", amf::kInt64, false, 1, 4},
    {L"Av1QueryTimeout", amf::kInt64, true, 0, 50},
};

constexpr Property kDecoder[] = {
    {L"SurfaceCopy", amf::kBool, true, 0, 1},
    {L"ExtraData", amf::kInterface, true, 0, 0},
    {L"FrameRate", amf::kDouble, true, 0, 1'000},
    {L"TimestampMode", amf::kInt64, true, 0, 2},
    {L"AdaptiveResolutionChange", amf::kBool, true, 0, 1},
    {L"ReorderMode", amf::kInt64, true, 0, 2},
    {L"SurfacePoolSize", amf::kInt64, true, 0, 100},
    {L"DPBSize", amf::kInt64, true, 0, 32},
    {L"LowLatencyDecode", amf::kBool, true, 0, 1},
    {L"SurfaceCpu", amf::kBool, true, 0, 1},
};

template <size_t kCount>
const Property* Find(const Property (&properties)[kCount], const wchar_t* name) {
  for (const Property& property : properties)
    if (!wcscmp(property.name, name)) return &property;
  return nullptr;
}

}  // namespace

const Property* FindProperty(Codec codec, bool encodes, const wchar_t* name) {
  if (!encodes) return Find(kDecoder, name);
  switch (codec) {
    case Codec::kH264: return Find(kH264Encoder, name);
    case Codec::kH265: return Find(kH265Encoder, name);
    default: return Find(kAv1Encoder, name);
  }
}

}  // namespace standin
