// What the parts of NVIDIA's stand-in share: libcuda, libnvidia-encode and libnvcuvid are one object under three names.
#pragma once

#include <ffnvcodec/dynlink_cuda.h>

#include <cstddef>
#include <cstdint>

#include "soft/control.h"

namespace standin {

// Results that the header has no names for.
constexpr auto kInvalidValue = static_cast<CUresult>(1);
constexpr auto kOutOfMemory = static_cast<CUresult>(2);
constexpr auto kNotInitialized = static_cast<CUresult>(3);
constexpr auto kNoDevice = static_cast<CUresult>(100);
constexpr auto kInvalidDevice = static_cast<CUresult>(101);
constexpr auto kInvalidContext = static_cast<CUresult>(201);
constexpr auto kInvalidHandle = static_cast<CUresult>(400);
constexpr auto kIllegalAddress = static_cast<CUresult>(700);
constexpr auto kNotSupported = static_cast<CUresult>(801);

// Counts a call of libcuda or libnvcuvid; anything but success is what it must return.
CUresult EnterCuda(const char* function, bool closing = false);

// Whether it is a context that is open, and the one of this thread, or null.
bool IsContext(CUcontext context);
CUcontext CurrentContext();

// Whether so many bytes from there on lie within memory of the device.
bool IsDeviceMemory(CUdeviceptr from, size_t size);

// Memory of the device, which is the machine's here; null where there is none left.
uint8_t* AllocateDevice(size_t size);
bool FreeDevice(CUdeviceptr address);

}  // namespace standin
