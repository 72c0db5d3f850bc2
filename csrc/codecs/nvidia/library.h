// NVIDIA's driver: libcuda, libnvidia-encode and libnvcuvid, opened at run time and kept for the rest of the process, as their threads
// and exit handlers want it.
#ifndef SORA_CODECS_NVIDIA_LIBRARY_H
#define SORA_CODECS_NVIDIA_LIBRARY_H

#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/dynlink_nvcuvid.h>
#include <ffnvcodec/nvEncodeAPI.h>

#include <string>

#include "codecs/hardware/failure.h"

namespace sora {

// The functions of the libraries, under the names that these export.
struct NvLibrary {
  // Null, with the reason, without a driver. The functions of encoding, or of decoding, may be missing; then there is a reason.
  static NvLibrary* Get(std::string& why_not);

  tcuInit* cuInit = nullptr;
  tcuDeviceGetCount* cuDeviceGetCount = nullptr;
  tcuDeviceGet* cuDeviceGet = nullptr;
  tcuDeviceGetName* cuDeviceGetName = nullptr;
  tcuCtxCreate_v2* cuCtxCreate = nullptr;
  tcuCtxDestroy_v2* cuCtxDestroy = nullptr;
  tcuCtxPushCurrent_v2* cuCtxPushCurrent = nullptr;
  tcuCtxPopCurrent_v2* cuCtxPopCurrent = nullptr;
  tcuMemcpy2D_v2* cuMemcpy2D = nullptr;

  bool can_decode = false;
  std::string no_decoding;
  tcuvidGetDecoderCaps* cuvidGetDecoderCaps = nullptr;
  tcuvidCreateVideoParser* cuvidCreateVideoParser = nullptr;
  tcuvidParseVideoData* cuvidParseVideoData = nullptr;
  tcuvidDestroyVideoParser* cuvidDestroyVideoParser = nullptr;
  tcuvidCreateDecoder* cuvidCreateDecoder = nullptr;
  tcuvidDestroyDecoder* cuvidDestroyDecoder = nullptr;
  tcuvidDecodePicture* cuvidDecodePicture = nullptr;
  tcuvidGetDecodeStatus* cuvidGetDecodeStatus = nullptr;  // null with drivers before 396
  tcuvidMapVideoFrame64* cuvidMapVideoFrame64 = nullptr;
  tcuvidUnmapVideoFrame64* cuvidUnmapVideoFrame64 = nullptr;

  bool can_encode = false;
  std::string no_encoding;
  NV_ENCODE_API_FUNCTION_LIST encode{};

 private:
  void LoadDecoding();
  void LoadEncoding();
};

}  // namespace sora

#endif
