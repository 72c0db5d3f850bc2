// AMD's AMF as a client sees it: the order of virtual functions, identifiers and numbers, declared anew after
// https://github.com/GPUOpen-LibrariesAndSDKs/AMF (MIT, version 1.5.2), since no package has its headers. Nothing here has a virtual
// destructor, which would take a slot. What nobody here calls is a slot without arguments.
#ifndef SORA_CODECS_AMF_INTERFACE_H
#define SORA_CODECS_AMF_INTERFACE_H

#include <cstddef>
#include <cstdint>

namespace amf {

enum Result : int32_t {
  kOk = 0,
  kFail = 1,
  kUnexpected = 2,
  kAccessDenied = 3,
  kInvalidArg = 4,
  kOutOfRange = 5,
  kOutOfMemory = 6,
  kInvalidPointer = 7,
  kNoInterface = 8,
  kNotImplemented = 9,
  kNotSupported = 10,
  kNotFound = 11,
  kAlreadyInitialized = 12,
  kNotInitialized = 13,
  kInvalidFormat = 14,
  kWrongState = 15,
  kNoDevice = 17,
  kEof = 23,
  kRepeat = 24,
  kInputFull = 25,
  kResolutionChanged = 26,
  kResolutionUpdated = 27,
  kInvalidDataType = 28,
  kInvalidResolution = 29,
  kCodecNotSupported = 30,
  kSurfaceFormatNotSupported = 31,
  kDecoderNotPresent = 33,
  kNoFreeSurfaces = 35,
  kEncoderNotPresent = 36,
  kNeedMoreInput = 44,
  kVulkanFailed = 45,
};

enum SurfaceFormat : int32_t { kUnknownFormat = 0, kNv12 = 1, kYuv420p = 7 };
enum MemoryType : int32_t { kHost = 1, kVulkan = 10 };
// How a device does something: in its media engine, by shaders, or not at all.
enum Acceleration : int32_t { kNotAccelerated = -1, kHardware = 0, kGpu = 1, kSoftware = 2 };
enum DataType : int32_t { kBuffer = 0, kSurface = 1 };
enum PlaneType : int32_t { kPlaneY = 2, kPlaneUv = 3, kPlaneU = 4, kPlaneV = 5 };
enum VariantType : int32_t { kEmpty = 0, kBool = 1, kInt64 = 2, kDouble = 3, kSize = 5, kRate = 7, kInterface = 12 };

struct Guid {
  uint32_t a;
  uint16_t b, c;
  uint8_t d[8];
};

class Interface;

// Passed by value, in memory.
struct Variant {
  VariantType type;
  union {
    bool boolean;
    int64_t int64;
    Interface* interface;
    double real;
    struct {
      int32_t width, height;
    } size;
    struct {
      uint32_t numerator, denominator;
    } rate;
    uint8_t bytes[16];
  };
};
static_assert(sizeof(Variant) == 24 && offsetof(Variant, int64) == 8 && offsetof(Variant, interface) == 8);
static_assert(offsetof(Variant, size.height) == 12 && offsetof(Variant, rate.denominator) == 12);
static_assert(sizeof(Guid) == 16 && sizeof(bool) == 1 && sizeof(Result) == 4);

class Interface {
 public:
  virtual long Acquire() = 0;
  virtual long Release() = 0;
  virtual Result QueryInterface(const Guid& id, void** out) = 0;
};

class PropertyStorage : public Interface {
 public:
  virtual Result SetProperty(const wchar_t* name, Variant value) = 0;
  virtual Result GetProperty(const wchar_t* name, Variant* value) const = 0;
  virtual bool HasProperty(const wchar_t* name) const = 0;
  virtual size_t GetPropertyCount() const = 0;
  virtual Result GetPropertyAt(size_t index, wchar_t* name, size_t size, Variant* value) const = 0;
  virtual Result Clear() = 0;
  virtual Result AddTo(PropertyStorage* to, bool overwrite, bool deep) const = 0;
  virtual Result CopyTo(PropertyStorage* to, bool deep) const = 0;
  virtual void AddObserver(void* observer) = 0;
  virtual void RemoveObserver(void* observer) = 0;
};

class Data : public PropertyStorage {
 public:
  virtual MemoryType GetMemoryType() = 0;
  virtual Result Duplicate(MemoryType type, Data** out) = 0;
  virtual Result Convert(MemoryType type) = 0;
  virtual Result Interop(MemoryType type) = 0;
  virtual DataType GetDataType() = 0;
  virtual bool IsReusable() = 0;
  virtual void SetPts(int64_t pts) = 0;
  virtual int64_t GetPts() = 0;
  virtual void SetDuration(int64_t duration) = 0;
  virtual int64_t GetDuration() = 0;
};

class Buffer : public Data {
 public:
  virtual Result SetSize(size_t size) = 0;
  virtual size_t GetSize() = 0;
  virtual void* GetNative() = 0;
  virtual void AddBufferObserver(void* observer) = 0;
  virtual void RemoveBufferObserver(void* observer) = 0;
};

class Plane : public Interface {
 public:
  virtual PlaneType GetType() = 0;
  virtual void* GetNative() = 0;
  virtual int32_t GetPixelSizeInBytes() = 0;
  virtual int32_t GetOffsetX() = 0;
  virtual int32_t GetOffsetY() = 0;
  virtual int32_t GetWidth() = 0;
  virtual int32_t GetHeight() = 0;
  virtual int32_t GetHPitch() = 0;
  virtual int32_t GetVPitch() = 0;
  virtual bool IsTiled() = 0;
};

class Surface : public Data {
 public:
  virtual SurfaceFormat GetFormat() = 0;
  virtual size_t GetPlanesCount() = 0;
  virtual Plane* GetPlaneAt(size_t index) = 0;
  virtual Plane* GetPlane(PlaneType type) = 0;
  virtual int32_t GetFrameType() = 0;
  virtual void SetFrameType(int32_t type) = 0;
  virtual Result SetCrop(int32_t x, int32_t y, int32_t width, int32_t height) = 0;
  virtual Result CopySurfaceRegion(Surface* to, int32_t to_x, int32_t to_y, int32_t x, int32_t y, int32_t width,
                                   int32_t height) = 0;
  virtual void AddSurfaceObserver(void* observer) = 0;
  virtual void RemoveSurfaceObserver(void* observer) = 0;
};

class IoCaps : public Interface {
 public:
  virtual void GetWidthRange(int32_t* least, int32_t* most) const = 0;
  virtual void GetHeightRange(int32_t* least, int32_t* most) const = 0;
  virtual int32_t GetVertAlign() const = 0;
  virtual int32_t GetNumOfFormats() const = 0;
  virtual Result GetFormatAt(int32_t index, SurfaceFormat* format, bool* native) const = 0;
  virtual int32_t GetNumOfMemoryTypes() const = 0;
  virtual Result GetMemoryTypeAt(int32_t index, MemoryType* type, bool* native) const = 0;
  virtual bool IsInterlacedSupported() const = 0;
};

class Caps : public PropertyStorage {
 public:
  virtual Acceleration GetAccelerationType() const = 0;
  virtual Result GetInputCaps(IoCaps** out) = 0;
  virtual Result GetOutputCaps(IoCaps** out) = 0;
};

class Context;

class Component : public PropertyStorage {
 public:
  // AMFPropertyStorageEx
  virtual size_t GetPropertiesInfoCount() const = 0;
  virtual Result GetPropertyInfoAt(size_t index, const void** info) const = 0;
  virtual Result GetPropertyInfo(const wchar_t* name, const void** info) const = 0;
  virtual Result ValidateProperty(const wchar_t* name, Variant value, Variant* out) const = 0;
  // AMFComponent
  virtual Result Init(SurfaceFormat format, int32_t width, int32_t height) = 0;
  virtual Result ReInit(int32_t width, int32_t height) = 0;
  virtual Result Terminate() = 0;
  virtual Result Drain() = 0;
  virtual Result Flush() = 0;
  virtual Result SubmitInput(Data* data) = 0;
  virtual Result QueryOutput(Data** data) = 0;
  virtual Context* GetContext() = 0;
  virtual Result SetOutputDataAllocatorCB(void* callback) = 0;
  virtual Result GetCaps(Caps** caps) = 0;
  virtual Result Optimize(void* callback) = 0;
};

// AMFContext with AMFContext1 behind it. The slots for other systems' devices are in their place.
class Context : public PropertyStorage {
 public:
  virtual Result Terminate() = 0;
  virtual Result InitDX9(void* device) = 0;
  virtual void* GetDX9Device(int32_t version) = 0;
  virtual Result LockDX9() = 0;
  virtual Result UnlockDX9() = 0;
  virtual Result InitDX11(void* device, int32_t version) = 0;
  virtual void* GetDX11Device(int32_t version) = 0;
  virtual Result LockDX11() = 0;
  virtual Result UnlockDX11() = 0;
  virtual Result InitOpenCL(void* queue) = 0;
  virtual void* GetOpenCLContext() = 0;
  virtual void* GetOpenCLCommandQueue() = 0;
  virtual void* GetOpenCLDeviceID() = 0;
  virtual Result GetOpenCLComputeFactory(void** out) = 0;
  virtual Result InitOpenCLEx(void* device) = 0;
  virtual Result LockOpenCL() = 0;
  virtual Result UnlockOpenCL() = 0;
  virtual Result InitOpenGL(void* context, void* window, void* dc) = 0;
  virtual void* GetOpenGLContext() = 0;
  virtual void* GetOpenGLDrawable() = 0;
  virtual Result LockOpenGL() = 0;
  virtual Result UnlockOpenGL() = 0;
  virtual Result InitXV(void* device) = 0;
  virtual void* GetXVDevice() = 0;
  virtual Result LockXV() = 0;
  virtual Result UnlockXV() = 0;
  virtual Result InitGralloc(void* device) = 0;
  virtual void* GetGrallocDevice() = 0;
  virtual Result LockGralloc() = 0;
  virtual Result UnlockGralloc() = 0;
  virtual Result AllocBuffer(MemoryType type, size_t size, Buffer** out) = 0;
  virtual Result AllocSurface(MemoryType type, SurfaceFormat format, int32_t width, int32_t height, Surface** out) = 0;
  virtual Result AllocAudioBuffer() = 0;
  virtual Result CreateBufferFromHostNative(void* memory, size_t size, Buffer** out, void* observer) = 0;
  virtual Result CreateSurfaceFromHostNative() = 0;
  virtual Result CreateSurfaceFromDX9Native() = 0;
  virtual Result CreateSurfaceFromDX11Native() = 0;
  virtual Result CreateSurfaceFromOpenGLNative() = 0;
  virtual Result CreateSurfaceFromGrallocNative() = 0;
  virtual Result CreateSurfaceFromOpenCLNative() = 0;
  virtual Result CreateBufferFromOpenCLNative() = 0;
  virtual Result GetCompute(MemoryType type, void** out) = 0;
  // AMFContext1
  virtual Result CreateBufferFromDX11Native() = 0;
  virtual Result AllocBufferEx() = 0;
  virtual Result AllocSurfaceEx() = 0;
  virtual Result InitVulkan(void* device) = 0;
  virtual void* GetVulkanDevice() = 0;
  virtual Result LockVulkan() = 0;
  virtual Result UnlockVulkan() = 0;
  virtual Result CreateSurfaceFromVulkanNative() = 0;
  virtual Result CreateBufferFromVulkanNative() = 0;
  virtual Result GetVulkanDeviceExtensions(size_t* count, const char** names) = 0;
};

class Factory {
 public:
  virtual Result CreateContext(Context** out) = 0;
  virtual Result CreateComponent(Context* context, const wchar_t* id, Component** out) = 0;
  virtual Result SetCacheFolder(const wchar_t* path) = 0;
  virtual const wchar_t* GetCacheFolder() = 0;
  virtual Result GetDebug(void** out) = 0;
  virtual Result GetTrace(void** out) = 0;
  virtual Result GetPrograms(void** out) = 0;
};

inline constexpr Guid kContext1Id = {0xd9e9f868, 0x6220, 0x44c6, {0xa2, 0x2f, 0x7c, 0xd6, 0xda, 0xc6, 0x86, 0x46}};
inline constexpr Guid kContext2Id = {0x726241d3, 0xbd46, 0x4e90, {0x99, 0x68, 0x93, 0xe0, 0x7e, 0xa2, 0x98, 0x4d}};
inline constexpr Guid kBufferId = {0xb04b7248, 0xb6f0, 0x4321, {0xb6, 0x91, 0xba, 0xa4, 0x74, 0x0f, 0x9f, 0xcb}};
inline constexpr Guid kSurfaceId = {0x3075dbe3, 0x8718, 0x4cfa, {0x86, 0xfb, 0x21, 0x14, 0xc0, 0xa5, 0xa4, 0x51}};

// Everything that passes the border is a pointer to one table of functions.
static_assert(sizeof(Factory) == sizeof(void*) && sizeof(Context) == sizeof(void*) && sizeof(Component) == sizeof(void*));
static_assert(sizeof(Surface) == sizeof(void*) && sizeof(Buffer) == sizeof(void*) && sizeof(Plane) == sizeof(void*));

// Versions have four parts of 16 bits: major, minor, release and build.
constexpr uint64_t Version(uint64_t major, uint64_t minor, uint64_t release) {
  return major << 48 | minor << 32 | release << 16;
}

// The two functions that the runtime exports, under the names AMFQueryVersion and AMFInit.
using QueryVersionFunction = Result (*)(uint64_t* version);
using InitFunction = Result (*)(uint64_t version, Factory** factory);

}  // namespace amf

#endif
