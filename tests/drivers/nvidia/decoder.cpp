#include "nvidia/decoder.h"

#include <map>
#include <mutex>
#include <optional>

#include "nvidia/nvidia.h"

namespace standin {
namespace {

// One decoded picture, and whether it came out of broken data.
struct Surface {
  Picture picture;
  bool filled = false, broken = false;
  int mapped = 0;
};

struct VideoDecoder {
  Codec codec = Codec::kH264;
  std::unique_ptr<Decoder> decoder;
  std::vector<Surface> surfaces;
  unsigned width = 0, height = 0, max_width = 0, max_height = 0;
  unsigned outputs = 0;
  // Which surface each piece of mapped memory shows.
  std::map<CUdeviceptr, int> mapped;
};

std::map<CUvideodecoder, std::unique_ptr<VideoDecoder>>& Decoders() {
  static auto& decoders = *new std::map<CUvideodecoder, std::unique_ptr<VideoDecoder>>();
  return decoders;
}

thread_local bool last_is_shown = false;

// Counts a call and finds its decoder.
VideoDecoder* Find(const char* function, CUvideodecoder handle, CUresult& result, bool closing = false) {
  result = EnterCuda(function, closing);
  if (result) return nullptr;
  const auto found = Decoders().find(handle);
  if (found != Decoders().end()) return found->second.get();
  Misuse("%s: not a decoder", function);
  result = kInvalidHandle;
  return nullptr;
}

struct DecoderSizes {
  unsigned min_width, min_height, max_width, max_height;
};

DecoderSizes SizesOf(Codec codec) {
  switch (codec) {
    case Codec::kH264: return {48, 16, 4096, 4096};
    case Codec::kH265: return {144, 144, 8192, 8192};
    case Codec::kVp8: return {48, 16, 4096, 4096};
    default: return {128, 128, 8192, 8192};
  }
}

const char* Refuse(const CUVIDDECODECREATEINFO& info, Codec codec) {
  const DecoderSizes sizes = SizesOf(codec);
  if (info.ChromaFormat != cudaVideoChromaFormat_420 || info.bitDepthMinus8) return "the device decodes 4:2:0 of 8 bits";
  if (info.OutputFormat != cudaVideoSurfaceFormat_NV12) return "the format of the output must be NV12";
  if (!info.ulNumDecodeSurfaces || info.ulNumDecodeSurfaces > 64) return "ulNumDecodeSurfaces must be from 1 to 64";
  if (!info.ulNumOutputSurfaces || info.ulNumOutputSurfaces > 64) return "ulNumOutputSurfaces must be from 1 to 64";
  if (info.ulWidth < sizes.min_width || info.ulHeight < sizes.min_height) return "the size is below the least";
  if (info.ulWidth > sizes.max_width || info.ulHeight > sizes.max_height) return "the size is above the greatest";
  if (!info.ulTargetWidth || !info.ulTargetHeight || info.ulTargetWidth > info.ulWidth ||
      info.ulTargetHeight > info.ulHeight)
    return "this stand-in does not scale up";
  return nullptr;
}

}  // namespace

bool DecoderCodec(cudaVideoCodec from, Codec& codec) {
  switch (from) {
    case cudaVideoCodec_H264: codec = Codec::kH264; break;
    case cudaVideoCodec_HEVC: codec = Codec::kH265; break;
    case cudaVideoCodec_AV1: codec = Codec::kAv1; break;
    case cudaVideoCodec_VP8: codec = Codec::kVp8; break;
    case cudaVideoCodec_VP9: codec = Codec::kVp9; break;
    default: return false;
  }
  return CanDecode(codec);
}

bool LastFrameIsShown() { return last_is_shown; }

STANDIN_EXPORT CUresult cuvidGetDecoderCaps(CUVIDDECODECAPS* caps) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuvidGetDecoderCaps")) return result;
  if (!IsContext(CurrentContext())) {
    Misuse("cuvidGetDecoderCaps: no context is current");
    return kInvalidContext;
  }
  Codec codec;
  caps->bIsSupported =
      DecoderCodec(caps->eCodecType, codec) && caps->eChromaFormat == cudaVideoChromaFormat_420 && !caps->nBitDepthMinus8;
  if (!caps->bIsSupported) {
    caps->nMaxWidth = caps->nMaxHeight = caps->nMaxMBCount = 0;
    caps->nMinWidth = caps->nMinHeight = caps->nOutputFormatMask = 0;
    return CUDA_SUCCESS;
  }
  const DecoderSizes sizes = SizesOf(codec);
  caps->nNumNVDECs = 1;
  caps->nOutputFormatMask = 1 << cudaVideoSurfaceFormat_NV12;
  caps->nMaxWidth = sizes.max_width;
  caps->nMaxHeight = sizes.max_height;
  caps->nMaxMBCount = sizes.max_width * sizes.max_height / 256;
  caps->nMinWidth = static_cast<unsigned short>(sizes.min_width);
  caps->nMinHeight = static_cast<unsigned short>(sizes.min_height);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuvidCreateDecoder(CUvideodecoder* handle, CUVIDDECODECREATEINFO* info) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuvidCreateDecoder")) return result;
  if (!handle || !info) return kInvalidValue;
  if (!IsContext(CurrentContext())) {
    Misuse("cuvidCreateDecoder: no context is current");
    return kInvalidContext;
  }
  auto decoder = std::make_unique<VideoDecoder>();
  if (!DecoderCodec(info->CodecType, decoder->codec)) return kNotSupported;
  if (const char* reason = Refuse(*info, decoder->codec)) {
    Misuse("cuvidCreateDecoder: %s", reason);
    return kInvalidValue;
  }
  decoder->decoder = MakeDecoder(decoder->codec);
  if (!decoder->decoder) return kOutOfMemory;
  decoder->surfaces.resize(info->ulNumDecodeSurfaces);
  decoder->width = static_cast<unsigned>(info->ulTargetWidth);
  decoder->height = static_cast<unsigned>(info->ulTargetHeight);
  decoder->max_width = static_cast<unsigned>(info->ulMaxWidth ? info->ulMaxWidth : info->ulWidth);
  decoder->max_height = static_cast<unsigned>(info->ulMaxHeight ? info->ulMaxHeight : info->ulHeight);
  decoder->outputs = static_cast<unsigned>(info->ulNumOutputSurfaces);
  *handle = decoder.get();
  Decoders()[*handle] = std::move(decoder);
  Opened(Kind::kDecoder);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuvidDestroyDecoder(CUvideodecoder handle) {
  std::lock_guard lock(Mutex());
  CUresult result;
  VideoDecoder* decoder = Find("cuvidDestroyDecoder", handle, result, true);
  if (!decoder) return result;
  if (!decoder->mapped.empty()) Misuse("cuvidDestroyDecoder: %zu frames are mapped", decoder->mapped.size());
  for (const auto& [address, index] : decoder->mapped) FreeDevice(address), Closed(Kind::kMap);
  Decoders().erase(handle);
  Closed(Kind::kDecoder);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuvidReconfigureDecoder(CUvideodecoder handle, CUVIDRECONFIGUREDECODERINFO* info) {
  std::lock_guard lock(Mutex());
  CUresult result;
  VideoDecoder* decoder = Find("cuvidReconfigureDecoder", handle, result);
  if (!decoder) return result;
  if (info->ulWidth > decoder->max_width || info->ulHeight > decoder->max_height || !decoder->mapped.empty() ||
      !info->ulNumDecodeSurfaces) {
    Misuse("cuvidReconfigureDecoder: the size is above the greatest that was announced, or a frame is mapped");
    return kInvalidValue;
  }
  decoder->width = info->ulTargetWidth;
  decoder->height = info->ulTargetHeight;
  decoder->surfaces.resize(info->ulNumDecodeSurfaces);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuvidDecodePicture(CUvideodecoder handle, CUVIDPICPARAMS* parameters) {
  std::lock_guard lock(Mutex());
  CUresult result;
  VideoDecoder* decoder = Find("cuvidDecodePicture", handle, result);
  if (!decoder) return result;
  const int index = parameters->CurrPicIdx;
  const char* reason = nullptr;
  if (index < 0 || static_cast<size_t>(index) >= decoder->surfaces.size())
    reason = "there is no such surface";
  else if (decoder->surfaces[static_cast<size_t>(index)].mapped)
    reason = "the surface is mapped";
  else if (!parameters->pBitstreamData || !parameters->nBitstreamDataLen || !parameters->nNumSlices)
    reason = "there is no data";
  if (reason) {
    Misuse("cuvidDecodePicture: %s", reason);
    return kInvalidValue;
  }
  std::vector<Picture> pictures;
  Surface& surface = decoder->surfaces[static_cast<size_t>(index)];
  surface.broken = !decoder->decoder->Decode(parameters->pBitstreamData, parameters->nBitstreamDataLen, pictures);
  if (!pictures.empty()) surface.picture = std::move(pictures.back());
  last_is_shown = !pictures.empty() || (surface.broken && surface.filled);
  surface.filled |= !pictures.empty();
  if (!pictures.empty()) CountFrame();
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuvidGetDecodeStatus(CUvideodecoder handle, int index, CUVIDGETDECODESTATUS* status) {
  std::lock_guard lock(Mutex());
  CUresult result;
  const VideoDecoder* decoder = Find("cuvidGetDecodeStatus", handle, result);
  if (!decoder) return result;
  if (index < 0 || static_cast<size_t>(index) >= decoder->surfaces.size()) return kInvalidValue;
  const Surface& surface = decoder->surfaces[static_cast<size_t>(index)];
  status->decodeStatus = surface.broken   ? cuvidDecodeStatus_Error
                         : surface.filled ? cuvidDecodeStatus_Success
                                          : cuvidDecodeStatus_Invalid;
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuvidMapVideoFrame64(CUvideodecoder handle, int index, unsigned long long* address, unsigned* pitch,
                                             CUVIDPROCPARAMS* parameters) {
  std::lock_guard lock(Mutex());
  CUresult result;
  VideoDecoder* decoder = Find("cuvidMapVideoFrame64", handle, result);
  if (!decoder) return result;
  const char* reason = nullptr;
  if (!address || !pitch || !parameters)
    reason = "an argument is null";
  else if (index < 0 || static_cast<size_t>(index) >= decoder->surfaces.size() ||
           !decoder->surfaces[static_cast<size_t>(index)].filled)
    reason = "nothing was decoded to there";
  else if (decoder->mapped.size() >= decoder->outputs)
    reason = "as many frames as ulNumOutputSurfaces are mapped";
  if (reason) {
    Misuse("cuvidMapVideoFrame64: %s", reason);
    return kInvalidValue;
  }
  Surface& surface = decoder->surfaces[static_cast<size_t>(index)];
  // Another size than the decoder's is not scaled here: the client has had the new format from the parser.
  const unsigned width = decoder->width, rows = (decoder->height + 1) & ~1u;
  if (surface.picture.width != static_cast<int>(width) || surface.picture.height != static_cast<int>(decoder->height)) {
    Misuse("cuvidMapVideoFrame64: a picture of %dx%d in a decoder of %ux%u", surface.picture.width, surface.picture.height,
           width, decoder->height);
    return kInvalidValue;
  }
  *pitch = ((width + 511) & ~511u) + 512;
  uint8_t* memory = AllocateDevice(static_cast<size_t>(*pitch) * rows * 3 / 2);
  if (!memory) return kOutOfMemory;
  ToNv12(surface.picture, memory, *pitch, memory + static_cast<size_t>(*pitch) * rows, *pitch);
  *address = reinterpret_cast<unsigned long long>(memory);
  decoder->mapped[reinterpret_cast<CUdeviceptr>(memory)] = index;
  ++surface.mapped;
  Opened(Kind::kMap);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuvidUnmapVideoFrame64(CUvideodecoder handle, unsigned long long address) {
  std::lock_guard lock(Mutex());
  CUresult result;
  VideoDecoder* decoder = Find("cuvidUnmapVideoFrame64", handle, result, true);
  if (!decoder) return result;
  const auto found = decoder->mapped.find(address);
  if (found == decoder->mapped.end()) {
    Misuse("cuvidUnmapVideoFrame64: not a frame that is mapped");
    return kInvalidValue;
  }
  --decoder->surfaces[static_cast<size_t>(found->second)].mapped;
  FreeDevice(found->first);
  decoder->mapped.erase(found);
  Closed(Kind::kMap);
  return CUDA_SUCCESS;
}

// Loaders look these up on every system; addresses have 64 bits here.
STANDIN_EXPORT CUresult cuvidMapVideoFrame(CUvideodecoder, int, unsigned*, unsigned*, CUVIDPROCPARAMS*) {
  return kNotSupported;
}
STANDIN_EXPORT CUresult cuvidUnmapVideoFrame(CUvideodecoder, unsigned) { return kNotSupported; }

// A lock around a context: the stand-in has its own.
STANDIN_EXPORT CUresult cuvidCtxLockCreate(CUvideoctxlock* handle, CUcontext context) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuvidCtxLockCreate")) return result;
  if (!IsContext(context)) return kInvalidContext;
  *handle = reinterpret_cast<CUvideoctxlock>(context);
  Opened(Kind::kLock);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuvidCtxLockDestroy(CUvideoctxlock) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuvidCtxLockDestroy", true)) return result;
  Closed(Kind::kLock);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuvidCtxLock(CUvideoctxlock, unsigned) { return EnterCuda("cuvidCtxLock"); }
STANDIN_EXPORT CUresult cuvidCtxUnlock(CUvideoctxlock, unsigned) { return EnterCuda("cuvidCtxUnlock", true); }

}  // namespace standin
