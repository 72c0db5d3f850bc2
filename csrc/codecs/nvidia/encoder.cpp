// A build over a libwebrtc of one's own (-Dwebrtc) may have no headers of NVIDIA's.
#if __has_include(<ffnvcodec/nvEncodeAPI.h>)
#include "codecs/nvidia/encoder.h"

#include <algorithm>
#include <cstring>

#include "codecs/hardware/formats.h"
#include "codecs/hardware/nv12.h"

namespace sora {
namespace {

struct EncodedCodec {
  webrtc::VideoCodecType type;
  const char* name;
  GUID guid;
};

const EncodedCodec kEncoded[] = {
    {webrtc::kVideoCodecAV1, "AV1", NV_ENC_CODEC_AV1_GUID},
    {webrtc::kVideoCodecH264, "H264", NV_ENC_CODEC_H264_GUID},
    {webrtc::kVideoCodecH265, "H265", NV_ENC_CODEC_HEVC_GUID},
};

bool Equal(const GUID& a, const GUID& b) { return std::memcmp(&a, &b, sizeof(GUID)) == 0; }

GUID ProfileGuid(const EncoderSettings& settings) {
  if (settings.codec == webrtc::kVideoCodecAV1) return NV_ENC_AV1_PROFILE_MAIN_GUID;
  if (settings.codec == webrtc::kVideoCodecH265) return NV_ENC_HEVC_PROFILE_MAIN_GUID;
  switch (ProfileOf(settings.format)) {
    case webrtc::H264Profile::kProfileMain: return NV_ENC_H264_PROFILE_MAIN_GUID;
    case webrtc::H264Profile::kProfileHigh: return NV_ENC_H264_PROFILE_HIGH_GUID;
    case webrtc::H264Profile::kProfileConstrainedHigh: return NV_ENC_H264_PROFILE_CONSTRAINED_HIGH_GUID;
    default: return NV_ENC_H264_PROFILE_BASELINE_GUID;
  }
}

// An open session of the driver; its destructor closes it, whatever was made.
class NvSession {
 public:
  explicit NvSession(const NvDevice& device) : device_(device) {
    const NvDevice::Current current(device);
    NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS parameters{};
    parameters.version = NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS_VER;
    parameters.deviceType = NV_ENC_DEVICE_TYPE_CUDA;
    parameters.device = device.context();
    parameters.apiVersion = NVENCAPI_VERSION;
    const NVENCSTATUS status = functions().nvEncOpenEncodeSessionEx(&parameters, &handle_);
    if (status == NV_ENC_SUCCESS) return;
    // The driver wants a session that it did not open closed as well.
    if (handle_) functions().nvEncDestroyEncoder(handle_);
    // Drivers limit the sessions of all processes, to 3 to 8 on some cards, and report that by either number.
    if (status == NV_ENC_ERR_OUT_OF_MEMORY || status == NV_ENC_ERR_INCOMPATIBLE_CLIENT_KEY)
      throw HardwareFailure("nvEncOpenEncodeSessionEx: " + std::to_string(status) +
                                " (the driver has no free encoder session, or no memory for one)",
                            HardwareFailure::Kind::kLasting);
    device.Check(status, "nvEncOpenEncodeSessionEx");
  }
  ~NvSession() {
    if (input) functions().nvEncDestroyInputBuffer(handle_, input);
    if (output) functions().nvEncDestroyBitstreamBuffer(handle_, output);
    functions().nvEncDestroyEncoder(handle_);
  }
  NvSession(const NvSession&) = delete;
  NvSession& operator=(const NvSession&) = delete;

  void* handle() const { return handle_; }
  const NV_ENCODE_API_FUNCTION_LIST& functions() const { return device_.library().encode; }

  int Capability(const GUID& codec, NV_ENC_CAPS what) const {
    NV_ENC_CAPS_PARAM parameter{};
    parameter.version = NV_ENC_CAPS_PARAM_VER;
    parameter.capsToQuery = what;
    int value = 0;
    device_.Check(functions().nvEncGetEncodeCaps(handle_, codec, &parameter, &value), "nvEncGetEncodeCaps");
    return value;
  }

  NV_ENC_INPUT_PTR input = nullptr;
  NV_ENC_OUTPUT_PTR output = nullptr;

 private:
  const NvDevice& device_;
  void* handle_ = nullptr;
};

class NvEncoder : public EncoderSession {
 public:
  NvEncoder(std::shared_ptr<NvDevice> device, const EncoderSettings& settings)
      : device_(std::move(device)),
        session_(*device_),
        width_(settings.width),
        height_(settings.height),
        temporal_(settings.temporal_layers > 1) {
    const NvDevice::Current current(*device_);
    Configure(settings);
    SetRateParameters(settings.rates);
    Check(functions().nvEncInitializeEncoder(session_.handle(), &parameters_), "nvEncInitializeEncoder");

    NV_ENC_CREATE_INPUT_BUFFER input{};
    input.version = NV_ENC_CREATE_INPUT_BUFFER_VER;
    input.width = parameters_.encodeWidth;
    input.height = parameters_.encodeHeight;
    input.bufferFmt = NV_ENC_BUFFER_FORMAT_NV12;
    Check(functions().nvEncCreateInputBuffer(session_.handle(), &input), "nvEncCreateInputBuffer");
    session_.input = input.inputBuffer;
    NV_ENC_CREATE_BITSTREAM_BUFFER output{};
    output.version = NV_ENC_CREATE_BITSTREAM_BUFFER_VER;
    Check(functions().nvEncCreateBitstreamBuffer(session_.handle(), &output), "nvEncCreateBitstreamBuffer");
    session_.output = output.bitstreamBuffer;
  }

  void SetRates(const Rates& rates) override {
    const NvDevice::Current current(*device_);
    SetRateParameters(rates);
    NV_ENC_RECONFIGURE_PARAMS change{};
    change.version = NV_ENC_RECONFIGURE_PARAMS_VER;
    change.reInitEncodeParams = parameters_;
    Check(functions().nvEncReconfigureEncoder(session_.handle(), &change), "nvEncReconfigureEncoder");
  }

  EncodedFrame Encode(webrtc::VideoFrameBuffer& frame, bool key) override {
    const NvDevice::Current current(*device_);
    const uint32_t pitch = Upload(frame);
    NV_ENC_PIC_PARAMS picture{};
    picture.version = NV_ENC_PIC_PARAMS_VER;
    picture.inputWidth = parameters_.encodeWidth;
    picture.inputHeight = parameters_.encodeHeight;
    picture.inputPitch = pitch;
    picture.inputTimeStamp = number_;
    picture.frameIdx = static_cast<uint32_t>(number_++);
    picture.inputBuffer = session_.input;
    picture.outputBitstream = session_.output;
    picture.bufferFmt = NV_ENC_BUFFER_FORMAT_NV12;
    picture.pictureStruct = NV_ENC_PIC_STRUCT_FRAME;
    if (key) picture.encodePicFlags = NV_ENC_PIC_FLAG_FORCEIDR | NV_ENC_PIC_FLAG_OUTPUT_SPSPPS;
    const NVENCSTATUS status = functions().nvEncEncodePicture(session_.handle(), &picture);
    if (status == NV_ENC_ERR_NEED_MORE_INPUT) return {};
    Check(status, "nvEncEncodePicture");
    return Download();
  }

 private:
  const NV_ENCODE_API_FUNCTION_LIST& functions() const { return session_.functions(); }
  void Check(NVENCSTATUS status, const char* call) const { device_->Check(status, call); }

  void Configure(const EncoderSettings& settings) {
    const auto& codec =
        *std::find_if(std::begin(kEncoded), std::end(kEncoded), [&](const auto& c) { return c.type == settings.codec; });
    const bool h264 = settings.codec == webrtc::kVideoCodecH264;
    NV_ENC_PRESET_CONFIG preset{};
    preset.version = NV_ENC_PRESET_CONFIG_VER;
    preset.presetCfg.version = NV_ENC_CONFIG_VER;
    parameters_.version = NV_ENC_INITIALIZE_PARAMS_VER;
    parameters_.encodeGUID = codec.guid;
    parameters_.presetGUID = h264 ? NV_ENC_PRESET_P3_GUID : NV_ENC_PRESET_P2_GUID;
    parameters_.tuningInfo = NV_ENC_TUNING_INFO_LOW_LATENCY;
    Check(functions().nvEncGetEncodePresetConfigEx(session_.handle(), codec.guid, parameters_.presetGUID,
                                                   parameters_.tuningInfo, &preset),
          "nvEncGetEncodePresetConfigEx");
    config_ = preset.presetCfg;
    config_.version = NV_ENC_CONFIG_VER;
    config_.profileGUID = ProfileGuid(settings);
    config_.gopLength = NVENC_INFINITE_GOPLENGTH;
    config_.frameIntervalP = 1;  // no B frames
    config_.rcParams.version = NV_ENC_RC_PARAMS_VER;
    config_.rcParams.rateControlMode = NV_ENC_PARAMS_RC_CBR;
    config_.rcParams.enableLookahead = 0;
    config_.rcParams.zeroReorderDelay = 1;
    auto& own = config_.encodeCodecConfig;
    switch (settings.codec) {
      case webrtc::kVideoCodecAV1:
        own.av1Config.idrPeriod = NVENC_INFINITE_GOPLENGTH;
        own.av1Config.repeatSeqHdr = 1;
        own.av1Config.chromaFormatIDC = 1;
        break;
      case webrtc::kVideoCodecH265:
        own.hevcConfig.idrPeriod = NVENC_INFINITE_GOPLENGTH;
        own.hevcConfig.repeatSPSPPS = 1;
        own.hevcConfig.chromaFormatIDC = 1;
        break;
      default:
        own.h264Config.idrPeriod = NVENC_INFINITE_GOPLENGTH;
        own.h264Config.repeatSPSPPS = 1;
        own.h264Config.chromaFormatIDC = 1;
        own.h264Config.sliceMode = own.h264Config.sliceModeData = 0;  // one slice
        if (settings.temporal_layers > 1) {
          own.h264Config.enableTemporalSVC = 1;
          own.h264Config.numTemporalLayers = own.h264Config.maxTemporalLayers =
              static_cast<uint32_t>(settings.temporal_layers);
          // What a lower layer refers to is kept beside the last frame (NV_ENC_CONFIG_H264::maxTemporalLayers).
          own.h264Config.maxNumRefFrames = std::max(own.h264Config.maxNumRefFrames, 2u);
          // The layer is reported beside the frame.
          own.h264Config.disableSVCPrefixNalu = 1;
        }
        if (Equal(config_.profileGUID, NV_ENC_H264_PROFILE_BASELINE_GUID)) {
          own.h264Config.entropyCodingMode = NV_ENC_H264_ENTROPY_CODING_MODE_CAVLC;
          own.h264Config.adaptiveTransformMode = NV_ENC_H264_ADAPTIVE_TRANSFORM_DISABLE;
        } else if (Equal(config_.profileGUID, NV_ENC_H264_PROFILE_MAIN_GUID)) {
          own.h264Config.adaptiveTransformMode = NV_ENC_H264_ADAPTIVE_TRANSFORM_DISABLE;
        }
    }
    parameters_.encodeWidth = parameters_.darWidth = parameters_.maxEncodeWidth = static_cast<uint32_t>(width_);
    parameters_.encodeHeight = parameters_.darHeight = parameters_.maxEncodeHeight = static_cast<uint32_t>(height_);
    parameters_.enablePTD = 1;
    parameters_.encodeConfig = &config_;
  }

  void SetRateParameters(const Rates& rates) {
    parameters_.frameRateNum = static_cast<uint32_t>(std::max(1.0, rates.frames_per_second) * 1000);
    parameters_.frameRateDen = 1000;
    auto& control = config_.rcParams;
    control.averageBitRate = control.maxBitRate = rates.bits_per_second;
    // A buffer of one frame: with a larger one a key frame takes many times the bits of another frame.
    control.vbvBufferSize = control.vbvInitialDelay =
        static_cast<uint32_t>(rates.bits_per_second / std::max(1.0, rates.frames_per_second));
  }

  // Returns the pitch.
  uint32_t Upload(webrtc::VideoFrameBuffer& frame) {
    NV_ENC_LOCK_INPUT_BUFFER lock{};
    lock.version = NV_ENC_LOCK_INPUT_BUFFER_VER;
    lock.inputBuffer = session_.input;
    Check(functions().nvEncLockInputBuffer(session_.handle(), &lock), "nvEncLockInputBuffer");
    auto* const y = static_cast<uint8_t*>(lock.bufferDataPtr);
    const auto pitch = static_cast<int>(lock.pitch);
    const bool written = WriteNv12(frame, {y, pitch, y + ptrdiff_t{pitch} * height_, pitch}, width_, height_);
    Check(functions().nvEncUnlockInputBuffer(session_.handle(), session_.input), "nvEncUnlockInputBuffer");
    if (!written) throw HardwareFailure("the frame has a format that cannot be converted");
    return lock.pitch;
  }

  EncodedFrame Download() {
    NV_ENC_LOCK_BITSTREAM lock{};
    lock.version = NV_ENC_LOCK_BITSTREAM_VER;
    lock.outputBitstream = session_.output;
    Check(functions().nvEncLockBitstream(session_.handle(), &lock), "nvEncLockBitstream");
    EncodedFrame encoded{
        webrtc::EncodedImageBuffer::Create(static_cast<const uint8_t*>(lock.bitstreamBufferPtr), lock.bitstreamSizeInBytes),
        lock.pictureType == NV_ENC_PIC_TYPE_IDR, static_cast<int>(lock.frameAvgQP)};
    if (temporal_) encoded.temporal_id = static_cast<int>(lock.temporalId);
    Check(functions().nvEncUnlockBitstream(session_.handle(), session_.output), "nvEncUnlockBitstream");
    return encoded;
  }

  const std::shared_ptr<NvDevice> device_;
  NvSession session_;
  const int width_, height_;
  const bool temporal_;  // there are several layers
  NV_ENC_INITIALIZE_PARAMS parameters_{};
  NV_ENC_CONFIG config_{};
  uint64_t number_ = 0;
};

}  // namespace

std::vector<HardwareCodec> NvEncoders(const NvDevice& device) {
  const NvSession session(device);
  const auto& functions = session.functions();
  uint32_t count = 0;
  device.Check(functions.nvEncGetEncodeGUIDCount(session.handle(), &count), "nvEncGetEncodeGUIDCount");
  std::vector<GUID> guids(count);
  device.Check(functions.nvEncGetEncodeGUIDs(session.handle(), guids.data(), count, &count), "nvEncGetEncodeGUIDs");
  std::vector<HardwareCodec> codecs;
  for (const auto& codec : kEncoded) {
    if (std::none_of(guids.begin(), guids.end(), [&](const GUID& guid) { return Equal(guid, codec.guid); })) continue;
    HardwareCodec found{
        codec.name,
        {session.Capability(codec.guid, NV_ENC_CAPS_WIDTH_MIN), session.Capability(codec.guid, NV_ENC_CAPS_HEIGHT_MIN),
         session.Capability(codec.guid, NV_ENC_CAPS_WIDTH_MAX), session.Capability(codec.guid, NV_ENC_CAPS_HEIGHT_MAX)}};
    // The interface of this version has layers for H264 alone.
    if (codec.type == webrtc::kVideoCodecH264 && session.Capability(codec.guid, NV_ENC_CAPS_SUPPORT_TEMPORAL_SVC))
      found.temporal_layers = std::clamp(session.Capability(codec.guid, NV_ENC_CAPS_NUM_MAX_TEMPORAL_LAYERS), 1, 3);
    if (codec.type == webrtc::kVideoCodecH265) found.h265_level = session.Capability(codec.guid, NV_ENC_CAPS_LEVEL_MAX);
    codecs.push_back(std::move(found));
  }
  return codecs;
}

std::unique_ptr<EncoderSession> OpenNvEncoder(std::shared_ptr<NvDevice> device, const EncoderSettings& settings) {
  return std::make_unique<NvEncoder>(std::move(device), settings);
}

}  // namespace sora

#endif
