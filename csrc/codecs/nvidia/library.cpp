// A build over a libwebrtc of one's own (-Dwebrtc) may have no headers of NVIDIA's.
#if __has_include(<ffnvcodec/nvEncodeAPI.h>)
#include "codecs/nvidia/library.h"

#include "os/shared_library.h"

namespace sora {
namespace {

template <typename Function>
bool Find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(FindFunction(library, name));
  return function != nullptr;
}

std::string Version(uint32_t version) { return std::to_string(version >> 4) + "." + std::to_string(version & 15); }

}  // namespace

NvLibrary* NvLibrary::Get(std::string& why_not) {
  static std::string reason;
  static NvLibrary* const library = []() -> NvLibrary* {
    void* const cuda = OpenInstalledLibrary("cuda", 1);
    if (!cuda) {
      reason = "there is no NVIDIA driver: the library cuda could not be opened";
      return nullptr;
    }
    auto loaded = new NvLibrary;
    if (Find(cuda, "cuInit", loaded->cuInit) && Find(cuda, "cuDeviceGetCount", loaded->cuDeviceGetCount) &&
        Find(cuda, "cuDeviceGet", loaded->cuDeviceGet) && Find(cuda, "cuDeviceGetName", loaded->cuDeviceGetName) &&
        Find(cuda, "cuCtxCreate_v2", loaded->cuCtxCreate) && Find(cuda, "cuCtxDestroy_v2", loaded->cuCtxDestroy) &&
        Find(cuda, "cuCtxPushCurrent_v2", loaded->cuCtxPushCurrent) &&
        Find(cuda, "cuCtxPopCurrent_v2", loaded->cuCtxPopCurrent) && Find(cuda, "cuMemcpy2D_v2", loaded->cuMemcpy2D)) {
      loaded->LoadDecoding();
      loaded->LoadEncoding();
      return loaded;
    }
    delete loaded;
    reason = "the NVIDIA driver is too old: its library cuda lacks functions of CUDA 4.0";
    return nullptr;
  }();
  why_not = reason;
  return library;
}

void NvLibrary::LoadDecoding() {
  void* const cuvid = OpenInstalledLibrary("nvcuvid", 1);
  if (!cuvid) {
    no_decoding = "the driver's library nvcuvid could not be opened";
    return;
  }
  can_decode =
      Find(cuvid, "cuvidGetDecoderCaps", cuvidGetDecoderCaps) &&
      Find(cuvid, "cuvidCreateVideoParser", cuvidCreateVideoParser) &&
      Find(cuvid, "cuvidParseVideoData", cuvidParseVideoData) &&
      Find(cuvid, "cuvidDestroyVideoParser", cuvidDestroyVideoParser) &&
      Find(cuvid, "cuvidCreateDecoder", cuvidCreateDecoder) && Find(cuvid, "cuvidDestroyDecoder", cuvidDestroyDecoder) &&
      Find(cuvid, "cuvidDecodePicture", cuvidDecodePicture) && Find(cuvid, "cuvidMapVideoFrame64", cuvidMapVideoFrame64) &&
      Find(cuvid, "cuvidUnmapVideoFrame64", cuvidUnmapVideoFrame64);
  Find(cuvid, "cuvidGetDecodeStatus", cuvidGetDecodeStatus);
  if (!can_decode) no_decoding = "the NVIDIA driver is too old: its library nvcuvid lacks functions of version 8.0";
}

void NvLibrary::LoadEncoding() {
  void* const library = OpenInstalledLibrary("nvidia-encode", 1);
  if (!library) {
    no_encoding = "the driver's library nvidia-encode could not be opened";
    return;
  }
  NVENCSTATUS(NVENCAPI * most)(uint32_t*) = nullptr;
  NVENCSTATUS(NVENCAPI * create)(NV_ENCODE_API_FUNCTION_LIST*) = nullptr;
  uint32_t version = 0;
  if (!Find(library, "NvEncodeAPIGetMaxSupportedVersion", most) || !Find(library, "NvEncodeAPICreateInstance", create) ||
      most(&version) != NV_ENC_SUCCESS) {
    no_encoding = "the driver's library nvidia-encode tells no version";
    return;
  }
  constexpr uint32_t kNeeded = NVENCAPI_MAJOR_VERSION << 4 | NVENCAPI_MINOR_VERSION;
  if (version < kNeeded) {
    no_encoding = "the NVIDIA driver is too old: it encodes by version " + Version(version) +
                  " of its interface, and needed is " + Version(kNeeded) + " (driver 530.41 and later)";
    return;
  }
  encode.version = NV_ENCODE_API_FUNCTION_LIST_VER;
  if (const NVENCSTATUS status = create(&encode); status != NV_ENC_SUCCESS) {
    no_encoding = "NvEncodeAPICreateInstance: " + std::to_string(status);
    return;
  }
  can_encode = encode.nvEncOpenEncodeSessionEx && encode.nvEncGetEncodeGUIDCount && encode.nvEncGetEncodeGUIDs &&
               encode.nvEncGetEncodeCaps && encode.nvEncGetEncodePresetConfigEx && encode.nvEncInitializeEncoder &&
               encode.nvEncCreateInputBuffer && encode.nvEncDestroyInputBuffer && encode.nvEncCreateBitstreamBuffer &&
               encode.nvEncDestroyBitstreamBuffer && encode.nvEncLockInputBuffer && encode.nvEncUnlockInputBuffer &&
               encode.nvEncEncodePicture && encode.nvEncLockBitstream && encode.nvEncUnlockBitstream &&
               encode.nvEncReconfigureEncoder && encode.nvEncDestroyEncoder;
  if (!can_encode) no_encoding = "the driver's library nvidia-encode lacks functions of its version";
}

}  // namespace sora

#endif
