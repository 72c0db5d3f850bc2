// Intel's VPL dispatcher, opened at run time and kept for the rest of the process. It finds the runtime of the GPU.
#ifndef SORA_CODECS_VPL_LIBRARY_H
#define SORA_CODECS_VPL_LIBRARY_H

#include <vpl/mfx.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "codecs/hardware/engine.h"

namespace sora {

// The dispatcher's functions, under the names that it exports.
struct VplLibrary {
  // Null, with the reason, without a dispatcher.
  static const VplLibrary* Get(std::string& why_not);

  decltype(&::MFXLoad) Load = nullptr;
  decltype(&::MFXUnload) Unload = nullptr;
  decltype(&::MFXCreateConfig) CreateConfig = nullptr;
  decltype(&::MFXSetConfigFilterProperty) SetConfigFilterProperty = nullptr;
  decltype(&::MFXEnumImplementations) EnumImplementations = nullptr;
  decltype(&::MFXDispReleaseImplDescription) DispReleaseImplDescription = nullptr;
  decltype(&::MFXCreateSession) CreateSession = nullptr;
  decltype(&::MFXClose) Close = nullptr;
  decltype(&::MFXQueryIMPL) QueryIMPL = nullptr;
  decltype(&::MFXQueryVersion) QueryVersion = nullptr;
  decltype(&::MFXVideoCORE_SyncOperation) SyncOperation = nullptr;
  decltype(&::MFXVideoENCODE_Query) EncodeQuery = nullptr;
  decltype(&::MFXVideoENCODE_QueryIOSurf) EncodeQueryIOSurf = nullptr;
  decltype(&::MFXVideoENCODE_Init) EncodeInit = nullptr;
  decltype(&::MFXVideoENCODE_Reset) EncodeReset = nullptr;
  decltype(&::MFXVideoENCODE_Close) EncodeClose = nullptr;
  decltype(&::MFXVideoENCODE_GetVideoParam) EncodeGetVideoParam = nullptr;
  decltype(&::MFXVideoENCODE_EncodeFrameAsync) EncodeFrameAsync = nullptr;
  decltype(&::MFXVideoDECODE_QueryIOSurf) DecodeQueryIOSurf = nullptr;
  decltype(&::MFXVideoDECODE_DecodeHeader) DecodeHeader = nullptr;
  decltype(&::MFXVideoDECODE_Init) DecodeInit = nullptr;
  decltype(&::MFXVideoDECODE_Close) DecodeClose = nullptr;
  decltype(&::MFXVideoDECODE_DecodeFrameAsync) DecodeFrameAsync = nullptr;
};

// Throws HardwareFailure for a status that is an error; warnings pass.
void CheckVpl(mfxStatus status, const char* call);

// The first hardware implementation that the dispatcher finds.
class VplDevice {
 public:
  // Null, with the reason, when there is none.
  static std::shared_ptr<VplDevice> Open(std::string& why_not);
  ~VplDevice();

  const VplLibrary& library() const { return library_; }
  // What its description lists: codecs in 8-bit 4:2:0.
  const std::vector<HardwareCodec>& encoders() const { return encoders_; }
  const std::vector<HardwareCodec>& decoders() const { return decoders_; }
  // "version", "vpl_impl" and "vpl_impl_value".
  const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }

  // One encoder or one decoder fits a session.
  mfxSession CreateSession();

 private:
  explicit VplDevice(const VplLibrary& library) : library_(library) {}
  void Describe();

  const VplLibrary& library_;
  mfxLoader loader_ = nullptr;
  std::mutex mutex_;  // of the loader
  std::vector<HardwareCodec> encoders_, decoders_;
  std::vector<std::pair<std::string, std::string>> parameters_;
};

// A session, closed by its destructor.
class VplSession {
 public:
  explicit VplSession(std::shared_ptr<VplDevice> device) : device_(std::move(device)), session_(device_->CreateSession()) {}
  ~VplSession() { device_->library().Close(session_); }
  VplSession(const VplSession&) = delete;
  VplSession& operator=(const VplSession&) = delete;

  const VplLibrary& library() const { return device_->library(); }
  mfxSession get() const { return session_; }

  // Calls again while the device is busy, with a limit.
  template <typename Call>
  static mfxStatus WhileBusy(Call call) {
    for (int i = 0;; ++i) {
      const mfxStatus status = call();
      if (status != MFX_WRN_DEVICE_BUSY || i == kMostTries) return status;
      Sleep();
    }
  }

  // Waits for the result of a call.
  void Sync(mfxSyncPoint point);
  // Waits once more where that failed, before what is at work is closed.
  void Settle();

 private:
  static constexpr int kMostTries = 200;
  static void Sleep();  // 1 ms

  const std::shared_ptr<VplDevice> device_;
  const mfxSession session_;
  mfxSyncPoint pending_ = nullptr;
};

// A frame in memory of ours.
class VplSurface {
 public:
  explicit VplSurface(const mfxFrameInfo& info);

  mfxFrameSurface1 surface{};

 private:
  std::vector<uint8_t> memory_;
};

// The frames of a session, of which a driver holds some for a while.
class VplSurfaces {
 public:
  void Allocate(const mfxFrameInfo& info, size_t count);
  // One that the driver does not hold. Throws HardwareFailure when it holds them all.
  mfxFrameSurface1& Free();

 private:
  std::vector<std::unique_ptr<VplSurface>> surfaces_;
};

// The name of a codec in VPL; 0: none.
mfxU32 VplCodecId(const std::string& name);

}  // namespace sora

#endif
