// The two functions that libamfrt64 exports, and the objects that everything begins with.
#include <cwchar>

#include "amf/component.h"
#include "amf/data.h"

namespace standin {

const char kVendor[] = "amf";

namespace {

class ContextObject : public Storage<amf::Context> {
 public:
  ContextObject() : Storage(Kind::kContext) {}

  bool ready() const { return ready_; }

  amf::Result Terminate() override {
    ready_ = false;
    return amf::kOk;
  }
  amf::Result InitVulkan(void*) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("AMFContext1::InitVulkan")) return result;
    // What machines without a display, or without AMD's own Vulkan, answer.
    if (Get(Setting::kAbsent)) return amf::kVulkanFailed;
    ready_ = true;
    return amf::kOk;
  }
  amf::Result AllocBuffer(amf::MemoryType type, size_t size, amf::Buffer** out) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("AMFContext::AllocBuffer")) return result;
    if (type != amf::kHost) return amf::kNotSupported;
    *out = new BufferObject(std::vector<uint8_t>(size));
    return amf::kOk;
  }
  amf::Result AllocSurface(amf::MemoryType type, amf::SurfaceFormat format, int32_t width, int32_t height,
                           amf::Surface** out) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("AMFContext::AllocSurface")) return result;
    if (type != amf::kHost || format != amf::kNv12) return amf::kNotSupported;
    if (width <= 0 || height <= 0 || width > 16384 || height > 16384) return amf::kInvalidArg;
    *out = new SurfaceObject(width, height);
    return amf::kOk;
  }

  amf::Result CreateBufferFromHostNative(void*, size_t, amf::Buffer**, void*) override { return amf::kNotImplemented; }
  amf::Result InitDX9(void*) override { return amf::kNotSupported; }
  void* GetDX9Device(int32_t) override { return nullptr; }
  amf::Result LockDX9() override { return amf::kNotSupported; }
  amf::Result UnlockDX9() override { return amf::kNotSupported; }
  amf::Result InitDX11(void*, int32_t) override { return amf::kNotSupported; }
  void* GetDX11Device(int32_t) override { return nullptr; }
  amf::Result LockDX11() override { return amf::kNotSupported; }
  amf::Result UnlockDX11() override { return amf::kNotSupported; }
  amf::Result InitOpenCL(void*) override { return amf::kNotSupported; }
  void* GetOpenCLContext() override { return nullptr; }
  void* GetOpenCLCommandQueue() override { return nullptr; }
  void* GetOpenCLDeviceID() override { return nullptr; }
  amf::Result GetOpenCLComputeFactory(void**) override { return amf::kNotSupported; }
  amf::Result InitOpenCLEx(void*) override { return amf::kNotSupported; }
  amf::Result LockOpenCL() override { return amf::kNotSupported; }
  amf::Result UnlockOpenCL() override { return amf::kNotSupported; }
  amf::Result InitOpenGL(void*, void*, void*) override { return amf::kNotSupported; }
  void* GetOpenGLContext() override { return nullptr; }
  void* GetOpenGLDrawable() override { return nullptr; }
  amf::Result LockOpenGL() override { return amf::kNotSupported; }
  amf::Result UnlockOpenGL() override { return amf::kNotSupported; }
  amf::Result InitXV(void*) override { return amf::kNotSupported; }
  void* GetXVDevice() override { return nullptr; }
  amf::Result LockXV() override { return amf::kNotSupported; }
  amf::Result UnlockXV() override { return amf::kNotSupported; }
  amf::Result InitGralloc(void*) override { return amf::kNotSupported; }
  void* GetGrallocDevice() override { return nullptr; }
  amf::Result LockGralloc() override { return amf::kNotSupported; }
  amf::Result UnlockGralloc() override { return amf::kNotSupported; }
  amf::Result AllocAudioBuffer() override { return amf::kNotSupported; }
  amf::Result CreateSurfaceFromHostNative() override { return amf::kNotSupported; }
  amf::Result CreateSurfaceFromDX9Native() override { return amf::kNotSupported; }
  amf::Result CreateSurfaceFromDX11Native() override { return amf::kNotSupported; }
  amf::Result CreateSurfaceFromOpenGLNative() override { return amf::kNotSupported; }
  amf::Result CreateSurfaceFromGrallocNative() override { return amf::kNotSupported; }
  amf::Result CreateSurfaceFromOpenCLNative() override { return amf::kNotSupported; }
  amf::Result CreateBufferFromOpenCLNative() override { return amf::kNotSupported; }
  amf::Result GetCompute(amf::MemoryType, void**) override { return amf::kNotSupported; }
  amf::Result CreateBufferFromDX11Native() override { return amf::kNotSupported; }
  amf::Result AllocBufferEx() override { return amf::kNotSupported; }
  amf::Result AllocSurfaceEx() override { return amf::kNotSupported; }
  void* GetVulkanDevice() override { return nullptr; }
  amf::Result LockVulkan() override { return amf::kOk; }
  amf::Result UnlockVulkan() override { return amf::kOk; }
  amf::Result CreateSurfaceFromVulkanNative() override { return amf::kNotSupported; }
  amf::Result CreateBufferFromVulkanNative() override { return amf::kNotSupported; }
  amf::Result GetVulkanDeviceExtensions(size_t* count, const char**) override {
    *count = 0;
    return amf::kOk;
  }

 protected:
  bool Is(const amf::Guid& id) const override { return id == amf::kContext1Id; }

 private:
  bool ready_ = false;
};

// The log, of which no function does anything.
struct Silent {
  const void* functions;
};
long Nothing() { return 0; }
const void* const kNothing[40] = {
#define FOUR                                                                        \
  reinterpret_cast<const void*>(&Nothing), reinterpret_cast<const void*>(&Nothing), \
      reinterpret_cast<const void*>(&Nothing), reinterpret_cast<const void*>(&Nothing)
    FOUR, FOUR, FOUR, FOUR, FOUR, FOUR, FOUR, FOUR, FOUR, FOUR};
Silent silent = {kNothing};

class FactoryObject : public amf::Factory {
 public:
  amf::Result CreateContext(amf::Context** out) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("AMFFactory::CreateContext")) return result;
    *out = new ContextObject();
    return amf::kOk;
  }
  amf::Result CreateComponent(amf::Context* context, const wchar_t* id, amf::Component** out) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("AMFFactory::CreateComponent")) return result;
    if (!context || !id) return amf::kInvalidPointer;
    if (!static_cast<ContextObject*>(context)->ready()) {
      Misuse("AMFFactory::CreateComponent: the context has no device");
      return amf::kNoDevice;
    }
    *out = NewEncoder(context, id);
    if (!*out) *out = NewDecoder(context, id);
    return *out ? amf::kOk : amf::kNotFound;
  }
  amf::Result SetCacheFolder(const wchar_t*) override { return amf::kOk; }
  const wchar_t* GetCacheFolder() override { return L""; }
  amf::Result GetDebug(void** out) override {
    *out = &silent;
    return amf::kOk;
  }
  amf::Result GetTrace(void** out) override { return GetDebug(out); }
  amf::Result GetPrograms(void**) override { return amf::kNotSupported; }
};

// Major, minor and release, each in 16 bits.
uint64_t Version() {
  const auto version = static_cast<uint64_t>(Get(Setting::kVersion) ? Get(Setting::kVersion) : 105);
  return version / 100 << 48 | version % 100 << 32;
}

}  // namespace

STANDIN_EXPORT amf::Result AMFQueryVersion(uint64_t* version) {
  std::lock_guard lock(Mutex());
  if (const amf::Result result = EnterAmf("AMFQueryVersion")) return result;
  *version = Version();
  return amf::kOk;
}

STANDIN_EXPORT amf::Result AMFInit(uint64_t version, amf::Factory** factory) {
  std::lock_guard lock(Mutex());
  if (const amf::Result result = EnterAmf("AMFInit")) return result;
  // A client that is newer in the minor number than the runtime is refused.
  if (version >> 32 > Version() >> 32) return amf::kNotSupported;
  static auto& one = *new FactoryObject();
  *factory = &one;
  return amf::kOk;
}

}  // namespace standin
