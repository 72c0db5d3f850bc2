// What a session does: opening, settings, frames.
#include <cstring>

#include "nvidia/session.h"
#include "soft/headers.h"

namespace standin {
namespace {

NVENCSTATUS OpenEx(NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS* parameters, void** encoder) {
  if (!parameters || !encoder) return NV_ENC_ERR_INVALID_PTR;
  if (const NVENCSTATUS status = CheckVersion("nvEncOpenEncodeSessionEx", nullptr, parameters->version, 1)) return status;
  return OpenSession(parameters->apiVersion, parameters->deviceType, parameters->device, encoder);
}

// NVIDIA's own client refuses a table without it, and does not call it.
NVENCSTATUS Open(void*, uint32_t, void**) { return NV_ENC_ERR_UNIMPLEMENTED; }

// Takes over a configuration; false with a reason where the driver would refuse it.
bool Configure(Session& session, const NV_ENC_INITIALIZE_PARAMS& parameters, const char*& reason) {
  const NV_ENC_CONFIG& config = *parameters.encodeConfig;
  const Sizes sizes = SizesOf(session.settings.codec);
  const auto width = static_cast<int>(parameters.encodeWidth), height = static_cast<int>(parameters.encodeHeight);
  const NV_ENC_CODEC_CONFIG& codec = config.encodeCodecConfig;
  reason = "the size is outside of what the device codes";
  if (width < sizes.min_width || height < sizes.min_height || width > sizes.max_width || height > sizes.max_height)
    return false;
  reason = "the frame rate must be a fraction above 0";
  if (!parameters.frameRateNum || !parameters.frameRateDen) return false;
  reason = "there is no such event on Linux: enableEncodeAsync must be 0";
  if (parameters.enableEncodeAsync) return false;
  reason = "this stand-in decides on the types of frames: enablePTD must be 1";
  if (!parameters.enablePTD) return false;
  reason = "the device has no B frames: frameIntervalP must be 0 or 1";
  if (config.frameIntervalP > 1 || config.frameIntervalP < 0) return false;
  session.settings.width = width;
  session.settings.height = height;
  session.settings.rates = {config.rcParams.averageBitRate ? config.rcParams.averageBitRate : 2'000'000,
                            static_cast<double>(parameters.frameRateNum) / parameters.frameRateDen};
  uint32_t period = config.gopLength;
  switch (session.settings.codec) {
    case Codec::kH264:
      if (codec.h264Config.idrPeriod) period = codec.h264Config.idrPeriod;
      session.repeats_headers = codec.h264Config.repeatSPSPPS;
      session.settings.h264_profile = config.profileGUID == NV_ENC_H264_PROFILE_BASELINE_GUID ? 66
                                      : config.profileGUID == NV_ENC_H264_PROFILE_MAIN_GUID   ? 77
                                                                                              : 100;
      reason = "the number of temporal layers is none that the device has, or above maxTemporalLayers";
      session.settings.layers =
          codec.h264Config.enableTemporalSVC ? static_cast<int>(codec.h264Config.numTemporalLayers) : 1;
      if (session.settings.layers < 1 || session.settings.layers > MostLayers() ||
          (codec.h264Config.enableTemporalSVC && codec.h264Config.maxTemporalLayers < codec.h264Config.numTemporalLayers))
        return false;
      reason = "maxNumRefFrames is too small for the temporal layers";
      if (session.settings.layers > 2 && codec.h264Config.maxNumRefFrames != 0 &&
          codec.h264Config.maxNumRefFrames < (codec.h264Config.maxTemporalLayers - 2) * 2)
        return false;
      session.settings.h264_prefix = !codec.h264Config.disableSVCPrefixNalu;
      reason = "baseline has no CABAC";
      if (session.settings.h264_profile == 66 && codec.h264Config.entropyCodingMode == NV_ENC_H264_ENTROPY_CODING_MODE_CABAC)
        return false;
      break;
    case Codec::kH265:
      if (codec.hevcConfig.idrPeriod) period = codec.hevcConfig.idrPeriod;
      session.repeats_headers = codec.hevcConfig.repeatSPSPPS;
      break;
    default:
      if (codec.av1Config.idrPeriod) period = codec.av1Config.idrPeriod;
      session.repeats_headers = codec.av1Config.repeatSeqHdr;
      break;
  }
  session.period = period == NVENC_INFINITE_GOPLENGTH ? 0 : period;
  return true;
}

NVENCSTATUS Initialize(void* encoder, NV_ENC_INITIALIZE_PARAMS* parameters) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncInitializeEncoder", encoder, result);
  if (!session) return result;
  if (!parameters) return Refused(session, NV_ENC_ERR_INVALID_PTR);
  if (const NVENCSTATUS status = CheckVersion("nvEncInitializeEncoder", session, parameters->version, 5)) return status;
  if (!parameters->encodeConfig) {
    Misuse("nvEncInitializeEncoder: this stand-in wants the preset's configuration");
    return Refused(session, NV_ENC_ERR_INVALID_PARAM);
  }
  if (const NVENCSTATUS status = CheckVersion("nvEncInitializeEncoder", session, parameters->encodeConfig->version, 7))
    return status;
  const char* reason = "the session is initialized";
  if (!CodecOf(parameters->encodeGUID, session->settings.codec)) return Refused(session, NV_ENC_ERR_UNSUPPORTED_PARAM);
  if (session->initialized || !Configure(*session, *parameters, reason)) {
    Misuse("nvEncInitializeEncoder: %s", reason);
    return Refused(session, NV_ENC_ERR_INVALID_PARAM);
  }
  session->max_width = parameters->maxEncodeWidth ? parameters->maxEncodeWidth : parameters->encodeWidth;
  session->max_height = parameters->maxEncodeHeight ? parameters->maxEncodeHeight : parameters->encodeHeight;
  session->encoder = MakeEncoder(session->settings);
  if (!session->encoder) return Refused(session, NV_ENC_ERR_UNSUPPORTED_DEVICE);
  session->initialized = true;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS Reconfigure(void* encoder, NV_ENC_RECONFIGURE_PARAMS* parameters) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncReconfigureEncoder", encoder, result);
  if (!session) return result;
  if (!parameters) return Refused(session, NV_ENC_ERR_INVALID_PTR);
  if (const NVENCSTATUS status = CheckVersion("nvEncReconfigureEncoder", session, parameters->version, 1)) return status;
  NV_ENC_INITIALIZE_PARAMS& next = parameters->reInitEncodeParams;
  if (const NVENCSTATUS status = CheckVersion("nvEncReconfigureEncoder", session, next.version, 5)) return status;
  const char* reason = "the session is not initialized";
  Codec codec = Codec::kH264;
  bool wrong = !session->initialized;
  if (!wrong && (!CodecOf(next.encodeGUID, codec) || codec != session->settings.codec))
    wrong = true, reason = "the codec must stay the same";
  if (!wrong && (next.encodeWidth > session->max_width || next.encodeHeight > session->max_height))
    wrong = true, reason = "the size is above the greatest that was announced";
  if (!wrong && !next.encodeConfig) wrong = true, reason = "there is no configuration";
  const int width = session->settings.width, height = session->settings.height;
  if (wrong || !Configure(*session, next, reason)) {
    Misuse("nvEncReconfigureEncoder: %s", reason);
    return Refused(session, NV_ENC_ERR_INVALID_PARAM);
  }
  if (width != session->settings.width || height != session->settings.height) {
    session->encoder = MakeEncoder(session->settings);
    session->key_next = true;
  } else if (!session->encoder->SetRates(session->settings.rates)) {
    return Refused(session, NV_ENC_ERR_INVALID_PARAM);
  }
  if (parameters->resetEncoder || parameters->forceIDR) session->key_next = true;
  return session->encoder ? NV_ENC_SUCCESS : Refused(session, NV_ENC_ERR_UNSUPPORTED_DEVICE);
}

void Read(Picture& picture, const Input& input) {
  const uint8_t* chroma = input.data + static_cast<size_t>(input.pitch) * input.height;
  if (input.format == NV_ENC_BUFFER_FORMAT_NV12) return FromNv12(picture, input.data, input.pitch, chroma, input.pitch);
  const size_t half = input.pitch / 2;
  const uint8_t* second = chroma + half * (input.height / 2);
  const bool v_first = input.format == NV_ENC_BUFFER_FORMAT_YV12;
  FromI420(picture, input.data, input.pitch, v_first ? second : chroma, v_first ? chroma : second, half);
}

NVENCSTATUS EncodeFrame(Session& session, const NV_ENC_PIC_PARAMS& parameters, Input& input, Output& output) {
  session.picture.Resize(session.settings.width, session.settings.height);
  Read(session.picture, input);
  const bool due = session.period > 0 && session.frames % session.period == 0;
  const bool key = session.frames == 0 || due || session.key_next || parameters.encodePicFlags & NV_ENC_PIC_FLAG_FORCEIDR ||
                   parameters.encodePicFlags & NV_ENC_PIC_FLAG_FORCEINTRA;
  output.coded = {};
  if (!session.encoder->Encode(session.picture, key, output.coded)) return NV_ENC_ERR_GENERIC;
  if (output.coded.key && session.frames > 0 && !session.repeats_headers &&
      !(parameters.encodePicFlags & NV_ENC_PIC_FLAG_OUTPUT_SPSPPS))
    output.coded.bytes = WithoutParameterSets(session.settings.codec, output.coded.bytes);
  session.key_next = false;
  output.timestamp = parameters.inputTimeStamp;
  output.index = session.frames++;
  output.filled = true;
  CountFrame();
  return NV_ENC_SUCCESS;
}

NVENCSTATUS EncodePicture(void* encoder, NV_ENC_PIC_PARAMS* parameters) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncEncodePicture", encoder, result);
  if (!session) return result;
  if (!parameters) return Refused(session, NV_ENC_ERR_INVALID_PTR);
  if (const NVENCSTATUS status = CheckVersion("nvEncEncodePicture", session, parameters->version, 5)) return status;
  if (!session->initialized) return Refused(session, NV_ENC_ERR_ENCODER_NOT_INITIALIZED);
  // Nothing is waiting to be coded.
  if (parameters->encodePicFlags & NV_ENC_PIC_FLAG_EOS) return NV_ENC_SUCCESS;
  const auto input = session->inputs.find(parameters->inputBuffer);
  const auto output = session->outputs.find(parameters->outputBitstream);
  const char* reason = nullptr;
  if (input == session->inputs.end() || output == session->outputs.end())
    reason = "not a buffer of this session";
  else if (input->second->locked)
    reason = "the input is locked";
  else if (input->second->registered && !input->second->mapped)
    reason = "the input is not mapped";
  else if (output->second->locked || output->second->filled)
    reason = "the output is in use";
  else if (parameters->bufferFmt != input->second->format)
    reason = "the format is not the input's";
  else if (parameters->inputWidth != static_cast<uint32_t>(session->settings.width) ||
           parameters->inputHeight != static_cast<uint32_t>(session->settings.height))
    reason = "the size is not the session's";
  else if (parameters->inputPitch && parameters->inputPitch != input->second->pitch &&
           parameters->inputPitch != parameters->inputWidth)
    reason = "the pitch is not the input's";
  else if (parameters->pictureStruct != NV_ENC_PIC_STRUCT_FRAME)
    reason = "there are no fields: pictureStruct must be FRAME";
  else if (parameters->completionEvent)
    reason = "there are no events on Linux";
  if (!reason) return Refused(session, EncodeFrame(*session, *parameters, *input->second, *output->second));
  Misuse("nvEncEncodePicture: %s", reason);
  return Refused(session, NV_ENC_ERR_INVALID_PARAM);
}

NVENCSTATUS SequenceParams(void* encoder, NV_ENC_SEQUENCE_PARAM_PAYLOAD* payload) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncGetSequenceParams", encoder, result);
  if (!session) return result;
  if (const NVENCSTATUS status = CheckVersion("nvEncGetSequenceParams", session, payload->version, 1)) return status;
  if (!session->initialized) return Refused(session, NV_ENC_ERR_ENCODER_NOT_INITIALIZED);
  const std::vector<uint8_t> headers = session->encoder->Headers();
  if (headers.size() > payload->inBufferSize) return Refused(session, NV_ENC_ERR_NOT_ENOUGH_BUFFER);
  memcpy(payload->spsppsBuffer, headers.data(), headers.size());
  *payload->outSPSPPSPayloadSize = static_cast<uint32_t>(headers.size());
  return NV_ENC_SUCCESS;
}

NVENCSTATUS SetStreams(void* encoder, NV_ENC_CUSTREAM_PTR, NV_ENC_CUSTREAM_PTR) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Find("nvEncSetIOCudaStreams", encoder, result);
  return result;
}

NVENCSTATUS Invalidate(void* encoder, uint64_t) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncInvalidateRefFrames", encoder, result);
  return session ? Refused(session, NV_ENC_ERR_UNSUPPORTED_PARAM) : result;
}

}  // namespace

void FillEncoding(NV_ENCODE_API_FUNCTION_LIST& list) {
  list.nvEncOpenEncodeSession = Open;
  list.nvEncOpenEncodeSessionEx = OpenEx;
  list.nvEncDestroyEncoder = CloseSession;
  list.nvEncInitializeEncoder = Initialize;
  list.nvEncReconfigureEncoder = Reconfigure;
  list.nvEncEncodePicture = EncodePicture;
  list.nvEncGetSequenceParams = SequenceParams;
  list.nvEncSetIOCudaStreams = SetStreams;
  list.nvEncInvalidateRefFrames = Invalidate;
}

}  // namespace standin
