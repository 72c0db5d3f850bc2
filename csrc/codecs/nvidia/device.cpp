// A build over a libwebrtc of one's own (-Dwebrtc) may have no headers of NVIDIA's.
#if __has_include(<ffnvcodec/nvEncodeAPI.h>)
#include "codecs/nvidia/device.h"

#include <mutex>

namespace sora {
namespace {

const char* NameOf(int result) {
  switch (result) {
    case 1: return "an invalid value";
    case 2: return "out of memory";
    case 3: return "not initialised";
    case 100: return "no device";
    case 101: return "an invalid device";
    case 201: return "an invalid context";
    case 700: return "an illegal address";
    case 719: return "a launch failed";
    case 801: return "not supported";
    case 999: return "an unknown error";
    default: return nullptr;
  }
}

const char* NameOf(NVENCSTATUS status) {
  switch (status) {
    case NV_ENC_ERR_NO_ENCODE_DEVICE: return "the device has no encoder";
    case NV_ENC_ERR_UNSUPPORTED_DEVICE: return "the device is not supported";
    case NV_ENC_ERR_DEVICE_NOT_EXIST: return "the device is lost";
    case NV_ENC_ERR_INVALID_PARAM: return "an invalid parameter";
    case NV_ENC_ERR_INVALID_VERSION: return "an invalid version";
    case NV_ENC_ERR_UNSUPPORTED_PARAM: return "a parameter is not supported";
    case NV_ENC_ERR_ENCODER_BUSY: return "the encoder is busy";
    case NV_ENC_ERR_GENERIC: return "an unknown error";
    default: return nullptr;
  }
}

std::string Text(const char* call, int number, const char* name) {
  return std::string(call) + ": " + std::to_string(number) + (name ? std::string(" (") + name + ")" : "");
}

}  // namespace

std::shared_ptr<NvDevice> NvDevice::Open(std::string& why_not) {
  static std::mutex mutex;
  static std::weak_ptr<NvDevice> open;
  std::lock_guard lock(mutex);
  if (auto device = open.lock(); device && !device->lost_) return device;
  NvLibrary* const library = NvLibrary::Get(why_not);
  if (!library) return nullptr;
  std::shared_ptr<NvDevice> device(new NvDevice(*library));
  try {
    device->CheckPresent();
    // The libraries can be there without a driver in the kernel: only this call knows.
    device->Check(library->cuInit(0), "cuInit");
    int count = 0;
    device->Check(library->cuDeviceGetCount(&count), "cuDeviceGetCount");
    if (count < 1) throw HardwareFailure("there is no NVIDIA device");
    CUdevice number = 0;
    device->Check(library->cuDeviceGet(&number, 0), "cuDeviceGet");
    char name[128] = {};
    device->Check(library->cuDeviceGetName(name, sizeof(name) - 1, number), "cuDeviceGetName");
    device->name_ = name;
    device->Check(library->cuCtxCreate(&device->context_, CU_CTX_SCHED_BLOCKING_SYNC, number), "cuCtxCreate");
    CUcontext popped = nullptr;
    device->Check(library->cuCtxPopCurrent(&popped), "cuCtxPopCurrent");
  } catch (const HardwareFailure& failure) {
    why_not = failure.what();
    return nullptr;
  }
  open = device;
  return device;
}

NvDevice::~NvDevice() {
  if (context_) library_.cuCtxDestroy(context_);
}

void NvDevice::Check(CUresult result, const char* call) const {
  if (result == CUDA_SUCCESS) return;
  const int number = result;
  // What these report leaves the context in a state in which the driver takes no more calls.
  const bool lost = number == 700 || number == 719 || number == 999;
  if (lost) lost_ = true;
  throw HardwareFailure(Text(call, number, NameOf(number)),
                        lost ? HardwareFailure::Kind::kLasting : HardwareFailure::Kind::kPassing);
}

void NvDevice::Check(NVENCSTATUS status, const char* call) const {
  if (status == NV_ENC_SUCCESS) return;
  const bool lost = status == NV_ENC_ERR_DEVICE_NOT_EXIST || status == NV_ENC_ERR_INVALID_DEVICE;
  if (lost) lost_ = true;
  throw HardwareFailure(Text(call, status, NameOf(status)),
                        lost ? HardwareFailure::Kind::kLasting : HardwareFailure::Kind::kPassing);
}

void NvDevice::CheckPresent() const {
  if (lost_) throw HardwareFailure("the NVIDIA device is lost for this Sora", HardwareFailure::Kind::kLasting);
}

NvDevice::Current::Current(const NvDevice& device) : device_(device) {
  device.CheckPresent();
  device.Check(device.library_.cuCtxPushCurrent(device.context_), "cuCtxPushCurrent");
}

NvDevice::Current::~Current() {
  CUcontext popped = nullptr;
  device_.library_.cuCtxPopCurrent(&popped);
}

}  // namespace sora

#endif
