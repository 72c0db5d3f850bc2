// libcuda, as far as video needs it.
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "nvidia/nvidia.h"

namespace standin {

const char kVendor[] = "nvidia";

namespace {

struct Context {
  int device = 0;
};

bool initialized = false;
std::map<CUcontext, std::unique_ptr<Context>>& Contexts() {
  static auto& contexts = *new std::map<CUcontext, std::unique_ptr<Context>>();
  return contexts;
}
// Where memory of the device begins, and its size.
std::map<CUdeviceptr, size_t>& Memory() {
  static auto& memory = *new std::map<CUdeviceptr, size_t>();
  return memory;
}
CUcontext primary = nullptr;
int primary_uses = 0;
thread_local std::vector<CUcontext> current;

CUcontext NewContext() {
  auto context = std::make_unique<Context>();
  const auto handle = reinterpret_cast<CUcontext>(context.get());
  Contexts()[handle] = std::move(context);
  Opened(Kind::kContext);
  return handle;
}

CUresult Delete(CUcontext context) {
  if (!Contexts().erase(context)) return kInvalidContext;
  Closed(Kind::kContext);
  return CUDA_SUCCESS;
}

// What needs a device and a context that is current.
CUresult EnterContext(const char* function) {
  if (const CUresult result = EnterCuda(function)) return result;
  if (IsContext(CurrentContext())) return CUDA_SUCCESS;
  Misuse("%s: no context is current", function);
  return kInvalidContext;
}

// A side of a copy, or null when it leaves its memory.
uint8_t* Side(const char* name, CUmemorytype type, const void* host, CUdeviceptr device, size_t pitch, size_t x, size_t y,
              const CUDA_MEMCPY2D& copy) {
  if (pitch < x + copy.WidthInBytes && copy.Height > 1) {
    Misuse("cuMemcpy2D: %s pitch %zu is less than %zu bytes of a row", name, pitch, x + copy.WidthInBytes);
    return nullptr;
  }
  const size_t first = y * pitch + x, last = first + (copy.Height - 1) * pitch + copy.WidthInBytes;
  if (type == CU_MEMORYTYPE_HOST) return host ? static_cast<uint8_t*>(const_cast<void*>(host)) + first : nullptr;
  if (type != CU_MEMORYTYPE_DEVICE || !IsDeviceMemory(device + first, last - first)) {
    Misuse("cuMemcpy2D: %s is not %zu bytes of device memory", name, last);
    return nullptr;
  }
  return reinterpret_cast<uint8_t*>(device) + first;
}

CUresult Copy2D(const char* function, const CUDA_MEMCPY2D* copy) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterContext(function)) return result;
  if (!copy) return kInvalidValue;
  // FFmpeg copies a third plane of NV12, which has none.
  if (!copy->WidthInBytes || !copy->Height) return CUDA_SUCCESS;
  const uint8_t* from = Side("source", copy->srcMemoryType, copy->srcHost, copy->srcDevice, copy->srcPitch,
                             copy->srcXInBytes, copy->srcY, *copy);
  uint8_t* to = Side("destination", copy->dstMemoryType, copy->dstHost, copy->dstDevice, copy->dstPitch, copy->dstXInBytes,
                     copy->dstY, *copy);
  if (!from || !to) return kInvalidValue;
  for (size_t row = 0; row < copy->Height; ++row)
    memcpy(to + row * copy->dstPitch, from + row * copy->srcPitch, copy->WidthInBytes);
  return CUDA_SUCCESS;
}

CUresult Copy(const char* function, void* to, const void* from, size_t size, CUdeviceptr device) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterContext(function)) return result;
  if (!IsDeviceMemory(device, size)) {
    Misuse("%s: not %zu bytes of device memory", function, size);
    return kInvalidValue;
  }
  memcpy(to, from, size);
  return CUDA_SUCCESS;
}

}  // namespace

CUresult EnterCuda(const char* function, bool closing) {
  switch (Enter(function, closing)) {
    case Verdict::kFail: return kOutOfMemory;
    case Verdict::kLost: return kIllegalAddress;
    default: break;
  }
  if (initialized) return CUDA_SUCCESS;
  if (!Get(Setting::kAbsent)) Misuse("%s before cuInit", function);
  return kNotInitialized;
}

bool IsContext(CUcontext context) { return Contexts().count(context) != 0; }

CUcontext CurrentContext() { return current.empty() ? nullptr : current.back(); }

bool IsDeviceMemory(CUdeviceptr from, size_t size) {
  auto next = Memory().upper_bound(from);
  if (next == Memory().begin()) return false;
  const auto& [begin, length] = *--next;
  return from - begin <= length && size <= length - (from - begin);
}

uint8_t* AllocateDevice(size_t size) {
  const Work work;
  auto* memory = static_cast<uint8_t*>(aligned_alloc(512, (size + 511) & ~size_t{511}));
  if (!memory) return nullptr;
  memset(memory, 0xAA, size);
  Memory()[reinterpret_cast<CUdeviceptr>(memory)] = size;
  Opened(Kind::kMemory);
  return memory;
}

bool FreeDevice(CUdeviceptr address) {
  const Work work;
  if (!Memory().erase(address)) return false;
  free(reinterpret_cast<void*>(address));
  Closed(Kind::kMemory);
  return true;
}

STANDIN_EXPORT CUresult cuInit(unsigned flags) {
  std::lock_guard lock(Mutex());
  switch (Enter("cuInit")) {
    case Verdict::kFail: return static_cast<CUresult>(CUDA_ERROR_UNKNOWN);
    case Verdict::kLost: return kIllegalAddress;
    default: break;
  }
  if (flags) {
    Misuse("cuInit: flags must be 0, not %u", flags);
    return kInvalidValue;
  }
  if (Get(Setting::kAbsent)) return kNoDevice;
  initialized = true;
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuDriverGetVersion(int* version) {
  *version = 12040;
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuDeviceGetCount(int* count) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuDeviceGetCount")) return result;
  *count = 1;
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuDeviceGet")) return result;
  if (ordinal) return kInvalidDevice;
  *device = 0;
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuDeviceGetName(char* name, int size, CUdevice device) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuDeviceGetName")) return result;
  if (device || size <= 0) return kInvalidDevice;
  strncpy(name, "Stand-in for NVIDIA", static_cast<size_t>(size));
  name[size - 1] = 0;
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuDeviceGetAttribute")) return result;
  if (device) return kInvalidDevice;
  *value = attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR   ? 8
           : attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR ? 9
                                                                       : 1;
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuDeviceComputeCapability")) return result;
  if (device) return kInvalidDevice;
  *major = 8;
  *minor = 9;
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuCtxCreate_v2(CUcontext* context, unsigned, CUdevice device) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuCtxCreate_v2")) return result;
  if (device) return kInvalidDevice;
  *context = NewContext();
  current.push_back(*context);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuCtxDestroy_v2(CUcontext context) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuCtxDestroy_v2", true)) return result;
  if (CountOpen(Kind::kSession) && Contexts().size() == 1) Misuse("cuCtxDestroy: a session of an encoder is open");
  if (CountOpen(Kind::kDecoder) && Contexts().size() == 1) Misuse("cuCtxDestroy: a decoder is open");
  if (!current.empty() && current.back() == context) current.pop_back();
  return Delete(context);
}

STANDIN_EXPORT CUresult cuCtxPushCurrent_v2(CUcontext context) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuCtxPushCurrent_v2", true)) return result;
  if (!IsContext(context)) {
    Misuse("cuCtxPushCurrent: not a context");
    return kInvalidContext;
  }
  current.push_back(context);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuCtxPopCurrent_v2(CUcontext* context) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuCtxPopCurrent_v2", true)) return result;
  if (current.empty()) {
    Misuse("cuCtxPopCurrent: no context is current");
    return kInvalidContext;
  }
  if (context) *context = current.back();
  current.pop_back();
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuCtxGetCurrent(CUcontext* context) {
  *context = CurrentContext();
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuCtxSetCurrent(CUcontext context) {
  std::lock_guard lock(Mutex());
  if (!current.empty()) current.pop_back();
  if (context) current.push_back(context);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuCtxGetDevice(CUdevice* device) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterContext("cuCtxGetDevice")) return result;
  *device = 0;
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuCtxSynchronize() { return EnterContext("cuCtxSynchronize"); }

STANDIN_EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuDevicePrimaryCtxRetain")) return result;
  if (device) return kInvalidDevice;
  if (!primary_uses++) primary = NewContext();
  *context = primary;
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuDevicePrimaryCtxRelease(CUdevice) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuDevicePrimaryCtxRelease", true)) return result;
  if (primary_uses == 0) return kInvalidContext;
  return --primary_uses ? CUDA_SUCCESS : Delete(primary);
}
STANDIN_EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) { return cuDevicePrimaryCtxRelease(device); }

STANDIN_EXPORT CUresult cuDevicePrimaryCtxGetState(CUdevice, unsigned* flags, int* active) {
  *flags = 0;
  *active = primary_uses > 0;
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t size) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterContext("cuMemAlloc_v2")) return result;
  if (!size) return kInvalidValue;
  *address = reinterpret_cast<CUdeviceptr>(AllocateDevice(size));
  return *address ? CUDA_SUCCESS : kOutOfMemory;
}

STANDIN_EXPORT CUresult cuMemAllocPitch_v2(CUdeviceptr* address, size_t* pitch, size_t width, size_t height, unsigned) {
  *pitch = (width + 511) & ~size_t{511};
  return cuMemAlloc_v2(address, *pitch * height);
}

STANDIN_EXPORT CUresult cuMemFree_v2(CUdeviceptr address) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuMemFree_v2", true)) return result;
  if (FreeDevice(address)) return CUDA_SUCCESS;
  Misuse("cuMemFree: not memory of the device");
  return kInvalidValue;
}

// In the order of a stream, which is the order of the calls here.
STANDIN_EXPORT CUresult cuMemAllocAsync(CUdeviceptr* address, size_t size, CUstream) { return cuMemAlloc_v2(address, size); }
STANDIN_EXPORT CUresult cuMemFreeAsync(CUdeviceptr address, CUstream) { return cuMemFree_v2(address); }

STANDIN_EXPORT CUresult cuStreamGetCtx(CUstream, CUcontext* context) {
  *context = CurrentContext();
  return *context ? CUDA_SUCCESS : kInvalidContext;
}

// CU_POINTER_ATTRIBUTE_CONTEXT, _MEMORY_TYPE and _DEVICE_ORDINAL.
STANDIN_EXPORT CUresult cuPointerGetAttribute(void* out, int attribute, CUdeviceptr address) {
  std::lock_guard lock(Mutex());
  if (!IsDeviceMemory(address, 1)) return kInvalidValue;
  switch (attribute) {
    case 1: *static_cast<CUcontext*>(out) = CurrentContext(); break;
    case 2: *static_cast<unsigned*>(out) = CU_MEMORYTYPE_DEVICE; break;
    case 9: *static_cast<int*>(out) = 0; break;
    default: return kNotSupported;
  }
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuMemcpy2D_v2(const CUDA_MEMCPY2D* copy) { return Copy2D("cuMemcpy2D_v2", copy); }
STANDIN_EXPORT CUresult cuMemcpy2DUnaligned_v2(const CUDA_MEMCPY2D* copy) { return Copy2D("cuMemcpy2DUnaligned_v2", copy); }
STANDIN_EXPORT CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* copy, CUstream) {
  return Copy2D("cuMemcpy2DAsync_v2", copy);
}

STANDIN_EXPORT CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t size) {
  return Copy("cuMemcpyHtoD_v2", reinterpret_cast<void*>(to), from, size, to);
}
STANDIN_EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t size, CUstream) {
  return Copy("cuMemcpyHtoDAsync_v2", reinterpret_cast<void*>(to), from, size, to);
}
STANDIN_EXPORT CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t size) {
  return Copy("cuMemcpyDtoH_v2", to, reinterpret_cast<void*>(from), size, from);
}
STANDIN_EXPORT CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t size, CUstream) {
  return Copy("cuMemcpyDtoHAsync_v2", to, reinterpret_cast<void*>(from), size, from);
}

STANDIN_EXPORT CUresult cuGetErrorName(CUresult error, const char** text) {
  *text = error == CUDA_SUCCESS      ? "CUDA_SUCCESS"
          : error == kInvalidValue   ? "CUDA_ERROR_INVALID_VALUE"
          : error == kOutOfMemory    ? "CUDA_ERROR_OUT_OF_MEMORY"
          : error == kNotInitialized ? "CUDA_ERROR_NOT_INITIALIZED"
          : error == kNoDevice       ? "CUDA_ERROR_NO_DEVICE"
          : error == kInvalidContext ? "CUDA_ERROR_INVALID_CONTEXT"
          : error == kIllegalAddress ? "CUDA_ERROR_ILLEGAL_ADDRESS"
          : error == kNotSupported   ? "CUDA_ERROR_NOT_SUPPORTED"
                                     : "CUDA_ERROR_UNKNOWN";
  return CUDA_SUCCESS;
}
STANDIN_EXPORT CUresult cuGetErrorString(CUresult error, const char** text) { return cuGetErrorName(error, text); }

}  // namespace standin
