// The first GPU, with the CUDA context that all sessions of this process share: a context takes some 100 MB.
#ifndef SORA_CODECS_NVIDIA_DEVICE_H
#define SORA_CODECS_NVIDIA_DEVICE_H

#include <atomic>
#include <memory>
#include <string>

#include "codecs/nvidia/library.h"

namespace sora {

class NvDevice {
 public:
  // The device that is in use, unless it is lost, or a new context; null, with the reason, when there is none.
  static std::shared_ptr<NvDevice> Open(std::string& why_not);
  ~NvDevice();

  NvLibrary& library() const { return library_; }
  CUcontext context() const { return context_; }
  const std::string& name() const { return name_; }

  // Throw HardwareFailure unless a call succeeded, and mark the GPU as lost when the call says so.
  void Check(CUresult result, const char* call) const;
  void Check(NVENCSTATUS status, const char* call) const;
  // Throws HardwareFailure when the GPU is lost.
  void CheckPresent() const;

  // Makes the context that of the calling thread.
  class Current {
   public:
    explicit Current(const NvDevice& device);
    ~Current();
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

   private:
    const NvDevice& device_;
  };

 private:
  explicit NvDevice(NvLibrary& library) : library_(library) {}

  NvLibrary& library_;
  CUcontext context_ = nullptr;
  std::string name_;
  // A call failed because the GPU is lost: the driver takes no more calls in this context but those that close things.
  mutable std::atomic<bool> lost_ = false;
};

}  // namespace sora

#endif
