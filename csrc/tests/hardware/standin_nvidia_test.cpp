// What the stand-in for NVIDIA's driver refuses, as this is documented to: one that takes everything would prove nothing.
#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/dynlink_nvcuvid.h>
#include <ffnvcodec/nvEncodeAPI.h>

#include "support.h"

namespace {

constexpr int kInvalidValue = 1, kInvalidContext = 201, kInvalidHandle = 400;

// A context of CUDA with a session of an encoder.
class Nvidia {
 public:
  Nvidia() {
    REQUIRE_EQ(Cuda<tcuInit>("cuInit")(0), CUDA_SUCCESS);
    REQUIRE_EQ(Cuda<tcuCtxCreate_v2>("cuCtxCreate_v2")(&context, 0, 0), CUDA_SUCCESS);
    list.version = NV_ENCODE_API_FUNCTION_LIST_VER;
    REQUIRE_EQ(driver.Find<NVENCSTATUS(NV_ENCODE_API_FUNCTION_LIST*)>("NvEncodeAPICreateInstance")(&list), NV_ENC_SUCCESS);
    REQUIRE_EQ(Open(context, &session), NV_ENC_SUCCESS);
  }
  // What is closed already is not closed here: it would count as a mistake of the test's.
  void Close() {
    REQUIRE_EQ(list.nvEncDestroyEncoder(session), NV_ENC_SUCCESS);
    CloseContext();
  }
  void CloseContext() { REQUIRE_EQ(Cuda<tcuCtxDestroy_v2>("cuCtxDestroy_v2")(context), CUDA_SUCCESS); }

  template <typename Function>
  Function& Cuda(const char* name) const {
    return *driver.Find<Function>(name);
  }

  NVENCSTATUS Open(void* device, void** opened) {
    NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS parameters{};
    parameters.version = NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS_VER;
    parameters.deviceType = NV_ENC_DEVICE_TYPE_CUDA;
    parameters.device = device;
    parameters.apiVersion = NVENCAPI_VERSION;
    return list.nvEncOpenEncodeSessionEx(&parameters, opened);
  }

  // 320x240 in H264.
  NVENCSTATUS Initialize() {
    NV_ENC_PRESET_CONFIG preset{};
    preset.version = NV_ENC_PRESET_CONFIG_VER;
    preset.presetCfg.version = NV_ENC_CONFIG_VER;
    REQUIRE_EQ(list.nvEncGetEncodePresetConfigEx(session, NV_ENC_CODEC_H264_GUID, NV_ENC_PRESET_P3_GUID,
                                                 NV_ENC_TUNING_INFO_LOW_LATENCY, &preset),
               NV_ENC_SUCCESS);
    NV_ENC_INITIALIZE_PARAMS parameters{};
    parameters.version = NV_ENC_INITIALIZE_PARAMS_VER;
    parameters.encodeGUID = NV_ENC_CODEC_H264_GUID;
    parameters.presetGUID = NV_ENC_PRESET_P3_GUID;
    parameters.tuningInfo = NV_ENC_TUNING_INFO_LOW_LATENCY;
    parameters.encodeWidth = 320;
    parameters.encodeHeight = 240;
    parameters.frameRateNum = 30;
    parameters.frameRateDen = 1;
    parameters.enablePTD = 1;
    parameters.encodeConfig = &preset.presetCfg;
    return list.nvEncInitializeEncoder(session, &parameters);
  }

  NVENCSTATUS CreateInput(NV_ENC_INPUT_PTR& created) {
    NV_ENC_CREATE_INPUT_BUFFER input{};
    input.version = NV_ENC_CREATE_INPUT_BUFFER_VER;
    input.width = 320;
    input.height = 240;
    input.bufferFmt = NV_ENC_BUFFER_FORMAT_NV12;
    const NVENCSTATUS status = list.nvEncCreateInputBuffer(session, &input);
    created = input.inputBuffer;
    return status;
  }

  NV_ENC_OUTPUT_PTR CreateOutput() {
    NV_ENC_CREATE_BITSTREAM_BUFFER output{};
    output.version = NV_ENC_CREATE_BITSTREAM_BUFFER_VER;
    REQUIRE_EQ(list.nvEncCreateBitstreamBuffer(session, &output), NV_ENC_SUCCESS);
    return output.bitstreamBuffer;
  }

  NVENCSTATUS Encode(NV_ENC_INPUT_PTR input, NV_ENC_OUTPUT_PTR output, uint32_t pitch = 0, uint32_t width = 320) {
    NV_ENC_PIC_PARAMS picture{};
    picture.version = NV_ENC_PIC_PARAMS_VER;
    picture.inputWidth = width;
    picture.inputHeight = 240;
    picture.inputPitch = pitch;
    picture.inputBuffer = input;
    picture.outputBitstream = output;
    picture.bufferFmt = NV_ENC_BUFFER_FORMAT_NV12;
    picture.pictureStruct = NV_ENC_PIC_STRUCT_FRAME;
    return list.nvEncEncodePicture(session, &picture);
  }

  const test::Driver& driver = test::DriverOf("NVIDIA_VIDEO_CODEC_SDK");
  CUcontext context = nullptr;
  NV_ENCODE_API_FUNCTION_LIST list{};
  void* session = nullptr;
};

#define REFUSES(call, result, reason)                \
  do {                                               \
    REQUIRE_EQ(call, result);                        \
    REQUIRE_HAS(nvidia.driver.TakeMisuse(), reason); \
  } while (false)

TEST(stand_in_of_CUDA_refuses_wrong_contexts_copies_and_memory) {
  Nvidia nvidia;
  REFUSES(nvidia.Cuda<tcuInit>("cuInit")(1), kInvalidValue, "flags must be 0");
  REFUSES(nvidia.Cuda<tcuCtxPushCurrent_v2>("cuCtxPushCurrent_v2")(reinterpret_cast<CUcontext>(&nvidia)), kInvalidContext,
          "not a context");
  CUdeviceptr memory = 0;
  REQUIRE_EQ(nvidia.Cuda<tcuMemAlloc_v2>("cuMemAlloc_v2")(&memory, 64 * 16), CUDA_SUCCESS);
  std::vector<uint8_t> host(64 * 16);
  CUDA_MEMCPY2D copy{};
  copy.srcMemoryType = CU_MEMORYTYPE_DEVICE;
  copy.srcDevice = memory;
  copy.srcPitch = 32;
  copy.dstMemoryType = CU_MEMORYTYPE_HOST;
  copy.dstHost = host.data();
  copy.dstPitch = 64;
  copy.WidthInBytes = 64;
  copy.Height = 16;
  auto& copies = nvidia.Cuda<tcuMemcpy2D_v2>("cuMemcpy2D_v2");
  REFUSES(copies(&copy), kInvalidValue, "source pitch 32 is less than 64");
  copy.srcPitch = 64;
  copy.Height = 17;
  REFUSES(copies(&copy), kInvalidValue, "source is not 1088 bytes of device memory");
  copy.Height = 16;
  REQUIRE_EQ(copies(&copy), CUDA_SUCCESS);
  auto& frees = nvidia.Cuda<tcuMemFree_v2>("cuMemFree_v2");
  REQUIRE_EQ(frees(memory), CUDA_SUCCESS);
  REFUSES(frees(memory), kInvalidValue, "not memory of the device");
  REFUSES(copies(&copy), kInvalidValue, "of device memory");
  REQUIRE_EQ(nvidia.list.nvEncDestroyEncoder(nvidia.session), NV_ENC_SUCCESS);
  CUcontext popped = nullptr;
  auto& pops = nvidia.Cuda<tcuCtxPopCurrent_v2>("cuCtxPopCurrent_v2");
  REQUIRE_EQ(pops(&popped), CUDA_SUCCESS);
  REFUSES(pops(&popped), kInvalidContext, "no context is current");
  REFUSES(copies(&copy), kInvalidContext, "no context is current");
  nvidia.CloseContext();
  REQUIRE_EQ(nvidia.Cuda<tcuCtxDestroy_v2>("cuCtxDestroy_v2")(nvidia.context), kInvalidContext);
  nvidia.driver.Reset();
}

TEST(stand_in_of_NVENC_refuses_wrong_versions_order_buffers_and_double_destruction) {
  Nvidia nvidia;
  auto& list = nvidia.list;
  NV_ENCODE_API_FUNCTION_LIST other{};
  other.version = 1;
  REFUSES(nvidia.driver.Find<NVENCSTATUS(NV_ENCODE_API_FUNCTION_LIST*)>("NvEncodeAPICreateInstance")(&other),
          NV_ENC_ERR_INVALID_VERSION, "version 00000001");
  void* second = nullptr;
  REFUSES(nvidia.Open(&nvidia, &second), NV_ENC_ERR_INVALID_DEVICE, "no context of CUDA");
  NV_ENC_CAPS_PARAM caps{};
  int value = 0;
  REFUSES(list.nvEncGetEncodeCaps(nvidia.session, NV_ENC_CODEC_H264_GUID, &caps, &value), NV_ENC_ERR_INVALID_VERSION,
          "nvEncGetEncodeCaps: version");

  NV_ENC_INPUT_PTR input = nullptr;
  REQUIRE_EQ(nvidia.CreateInput(input), NV_ENC_ERR_ENCODER_NOT_INITIALIZED);
  REQUIRE_EQ(nvidia.Encode(nullptr, nullptr), NV_ENC_ERR_ENCODER_NOT_INITIALIZED);
  REQUIRE_EQ(nvidia.Initialize(), NV_ENC_SUCCESS);
  REFUSES(nvidia.Initialize(), NV_ENC_ERR_INVALID_PARAM, "the session is initialized");
  REQUIRE_EQ(nvidia.CreateInput(input), NV_ENC_SUCCESS);
  const NV_ENC_OUTPUT_PTR output = nvidia.CreateOutput();
  REFUSES(nvidia.Encode(output, input), NV_ENC_ERR_INVALID_PARAM, "not a buffer of this session");

  NV_ENC_LOCK_INPUT_BUFFER lock{};
  lock.version = NV_ENC_LOCK_INPUT_BUFFER_VER;
  lock.inputBuffer = input;
  REQUIRE_EQ(list.nvEncLockInputBuffer(nvidia.session, &lock), NV_ENC_SUCCESS);
  REFUSES(list.nvEncLockInputBuffer(nvidia.session, &lock), NV_ENC_ERR_LOCK_BUSY, "the buffer is locked");
  REFUSES(nvidia.Encode(input, output), NV_ENC_ERR_INVALID_PARAM, "the input is locked");
  REQUIRE_EQ(list.nvEncUnlockInputBuffer(nvidia.session, input), NV_ENC_SUCCESS);
  REFUSES(list.nvEncUnlockInputBuffer(nvidia.session, input), NV_ENC_ERR_INVALID_CALL, "not locked");

  NV_ENC_LOCK_BITSTREAM bits{};
  bits.version = NV_ENC_LOCK_BITSTREAM_VER;
  bits.outputBitstream = output;
  REFUSES(list.nvEncLockBitstream(nvidia.session, &bits), NV_ENC_ERR_INVALID_PARAM, "the buffer is empty");
  REFUSES(nvidia.Encode(input, output, lock.pitch + 1), NV_ENC_ERR_INVALID_PARAM, "the pitch is not the input's");
  REFUSES(nvidia.Encode(input, output, lock.pitch, 318), NV_ENC_ERR_INVALID_PARAM, "the size is not the session's");
  REQUIRE_EQ(nvidia.Encode(input, output, lock.pitch), NV_ENC_SUCCESS);
  REFUSES(nvidia.Encode(input, output, lock.pitch), NV_ENC_ERR_INVALID_PARAM, "the output is in use");
  REQUIRE_EQ(list.nvEncLockBitstream(nvidia.session, &bits), NV_ENC_SUCCESS);
  REFUSES(list.nvEncLockBitstream(nvidia.session, &bits), NV_ENC_ERR_LOCK_BUSY, "the buffer is locked");

  // Memory of the client's own is to be mapped first.
  CUdeviceptr memory = 0;
  REQUIRE_EQ(nvidia.Cuda<tcuMemAlloc_v2>("cuMemAlloc_v2")(&memory, 512 * 360), CUDA_SUCCESS);
  NV_ENC_REGISTER_RESOURCE registered{};
  registered.version = NV_ENC_REGISTER_RESOURCE_VER;
  registered.resourceType = NV_ENC_INPUT_RESOURCE_TYPE_CUDADEVICEPTR;
  registered.width = 320;
  registered.height = 240;
  registered.pitch = 1024;
  registered.resourceToRegister = reinterpret_cast<void*>(memory);
  registered.bufferFormat = NV_ENC_BUFFER_FORMAT_NV12;
  REFUSES(list.nvEncRegisterResource(nvidia.session, &registered), NV_ENC_ERR_INVALID_PARAM, "it is too little memory");
  registered.pitch = 512;
  REQUIRE_EQ(list.nvEncRegisterResource(nvidia.session, &registered), NV_ENC_SUCCESS);
  const NV_ENC_OUTPUT_PTR free_output = nvidia.CreateOutput();
  REFUSES(nvidia.Encode(registered.registeredResource, free_output), NV_ENC_ERR_INVALID_PARAM, "the input is not mapped");
  REQUIRE_EQ(list.nvEncUnmapInputResource(nvidia.session, registered.registeredResource), NV_ENC_ERR_RESOURCE_NOT_MAPPED);
  REQUIRE_EQ(list.nvEncUnregisterResource(nvidia.session, registered.registeredResource), NV_ENC_SUCCESS);
  REQUIRE_EQ(nvidia.Cuda<tcuMemFree_v2>("cuMemFree_v2")(memory), CUDA_SUCCESS);

  REQUIRE_EQ(list.nvEncDestroyInputBuffer(nvidia.session, input), NV_ENC_SUCCESS);
  REFUSES(list.nvEncDestroyInputBuffer(nvidia.session, input), NV_ENC_ERR_INVALID_PTR, "not a buffer of this session");
  REFUSES(list.nvEncDestroyEncoder(nvidia.session), NV_ENC_SUCCESS, "2 buffers are left");
  REFUSES(list.nvEncDestroyEncoder(nvidia.session), NV_ENC_ERR_INVALID_ENCODERDEVICE, "not a session");
  nvidia.CloseContext();
  nvidia.driver.Reset();
}

TEST(stand_in_of_NVDEC_refuses_wrong_formats_surfaces_and_double_destruction) {
  Nvidia nvidia;
  CUvideoparser parser = nullptr;
  CUVIDPARSERPARAMS parsing{};
  parsing.CodecType = cudaVideoCodec_H264;
  parsing.ulMaxNumDecodeSurfaces = 1;
  REFUSES(nvidia.Cuda<tcuvidCreateVideoParser>("cuvidCreateVideoParser")(&parser, &parsing), kInvalidValue,
          "a callback or ulMaxNumDecodeSurfaces is missing");

  auto& creates = nvidia.Cuda<tcuvidCreateDecoder>("cuvidCreateDecoder");
  CUvideodecoder decoder = nullptr;
  CUVIDDECODECREATEINFO info{};
  info.CodecType = cudaVideoCodec_H264;
  info.ChromaFormat = cudaVideoChromaFormat_444;
  info.OutputFormat = cudaVideoSurfaceFormat_NV12;
  info.ulNumDecodeSurfaces = info.ulNumOutputSurfaces = 1;
  info.ulWidth = info.ulTargetWidth = 320;
  info.ulHeight = info.ulTargetHeight = 240;
  REFUSES(creates(&decoder, &info), kInvalidValue, "4:2:0 of 8 bits");
  info.ChromaFormat = cudaVideoChromaFormat_420;
  info.ulNumDecodeSurfaces = 0;
  REFUSES(creates(&decoder, &info), kInvalidValue, "ulNumDecodeSurfaces must be from 1 to 64");
  info.ulNumDecodeSurfaces = 1;
  info.ulWidth = 16;
  REFUSES(creates(&decoder, &info), kInvalidValue, "the size is below the least");
  info.ulWidth = 320;
  REQUIRE_EQ(creates(&decoder, &info), CUDA_SUCCESS);

  CUVIDPICPARAMS picture{};
  picture.CurrPicIdx = 1;
  auto& decodes = nvidia.Cuda<tcuvidDecodePicture>("cuvidDecodePicture");
  REFUSES(decodes(decoder, &picture), kInvalidValue, "there is no such surface");
  picture.CurrPicIdx = 0;
  REFUSES(decodes(decoder, &picture), kInvalidValue, "there is no data");
  unsigned long long frame = 0;
  unsigned pitch = 0;
  CUVIDPROCPARAMS processing{};
  REFUSES(nvidia.Cuda<tcuvidMapVideoFrame64>("cuvidMapVideoFrame64")(decoder, 0, &frame, &pitch, &processing), kInvalidValue,
          "nothing was decoded to there");
  REFUSES(nvidia.Cuda<tcuvidUnmapVideoFrame64>("cuvidUnmapVideoFrame64")(decoder, 1), kInvalidValue, "not a frame");
  auto& destroys = nvidia.Cuda<tcuvidDestroyDecoder>("cuvidDestroyDecoder");
  REQUIRE_EQ(destroys(decoder), CUDA_SUCCESS);
  REFUSES(destroys(decoder), kInvalidHandle, "not a decoder");
  nvidia.Close();
  nvidia.driver.Reset();
}

#undef REFUSES

}  // namespace
