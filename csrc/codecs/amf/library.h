// AMD's AMF runtime, opened at run time and kept for the rest of the process.
#ifndef SORA_CODECS_AMF_LIBRARY_H
#define SORA_CODECS_AMF_LIBRARY_H

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codecs/amf/interface.h"
#include "codecs/hardware/engine.h"

namespace sora {

// The functions that the runtime exports.
struct AmfLibrary {
  // Null, with the reason, without a runtime.
  static const AmfLibrary* Get(std::string& why_not);

  amf::QueryVersionFunction QueryVersion = nullptr;
  amf::InitFunction Init = nullptr;
};

// One reference of an object of AMF.
template <typename Object>
class AmfRef {
 public:
  AmfRef() = default;
  AmfRef(AmfRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  AmfRef& operator=(AmfRef&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~AmfRef() { Reset(); }

  void Reset() {
    if (object_) std::exchange(object_, nullptr)->Release();
  }
  // For a function that gives a reference.
  Object** Out() {
    Reset();
    return &object_;
  }
  // The same object by another of its interfaces; empty when it has none of this id.
  template <typename Other>
  AmfRef<Other> As(const amf::Guid& id) const {
    AmfRef<Other> other;
    void* found = nullptr;
    if (object_ && object_->QueryInterface(id, &found) == amf::kOk) *other.Out() = static_cast<Other*>(found);
    return other;
  }
  // Whether nobody else has a reference.
  bool IsAlone() const {
    object_->Acquire();
    return object_->Release() == 1;
  }
  Object* get() const { return object_; }
  Object* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  Object* object_ = nullptr;
};

// The GPU, through Vulkan, as its encoders and decoders share it. Any thread may use it.
class AmfContext {
 public:
  // Throws HardwareFailure.
  explicit AmfContext(amf::Factory& factory);
  ~AmfContext();
  AmfContext(const AmfContext&) = delete;
  AmfContext& operator=(const AmfContext&) = delete;

  amf::Context& get() const { return *context_.get(); }
  // A component that is not initialized. Throws HardwareFailure.
  AmfRef<amf::Component> Create(const wchar_t* id) const;
  // Throws HardwareFailure for what is an error.
  void Check(amf::Result result, const char* call) const;
  // Whether another one is to be tried: the device was lost, or something failed that may have come of it. Vulkan has one error for
  // that, and AMF many.
  bool suspect() const { return suspect_; }

 private:
  amf::Factory& factory_;
  AmfRef<amf::Context> context_;
  mutable std::atomic<bool> suspect_ = false;
};

class AmfDevice {
 public:
  // Null, with the reason, when there is none.
  static std::shared_ptr<AmfDevice> Open(std::string& why_not);

  // Another one when the last is suspect. Throws HardwareFailure.
  std::shared_ptr<AmfContext> Context();
  // "amf_runtime_version" and "amf_embedded_version".
  std::vector<std::pair<std::string, std::string>> parameters() const;

 private:
  AmfDevice(amf::Factory& factory, uint64_t version) : factory_(factory), version_(version) {}

  amf::Factory& factory_;
  const uint64_t version_;  // of the runtime
  std::mutex mutex_;
  std::shared_ptr<AmfContext> context_;
};

// An encoder or decoder of AMF, and what has been said to it.
class AmfComponent {
 public:
  AmfComponent(std::shared_ptr<AmfContext> context, const wchar_t* id)
      : context_(std::move(context)), component_(context_->Create(id)) {}
  ~AmfComponent() { component_->Terminate(); }
  AmfComponent(const AmfComponent&) = delete;
  AmfComponent& operator=(const AmfComponent&) = delete;

  const AmfContext& context() const { return *context_; }
  amf::Component* operator->() const { return component_.get(); }

  void Set(const wchar_t* name, const amf::Variant& value);
  // What older devices do not know is done without.
  void Try(const wchar_t* name, const amf::Variant& value);

  // Submits data, or null for what is left of the last; again while the component has no room for it. Returns what it says then.
  amf::Result Submit(amf::Data* data);
  // Waits for what was submitted: kOk with data, or what is wrong; kRepeat when nothing came in time.
  amf::Result Fetch(AmfRef<amf::Data>& data);

 private:
  const std::shared_ptr<AmfContext> context_;
  const AmfRef<amf::Component> component_;
};

amf::Variant AmfBool(bool value);
amf::Variant AmfInt(int64_t value);
amf::Variant AmfSize(int width, int height);
amf::Variant AmfRate(uint32_t numerator, uint32_t denominator);
// A property that is a number.
std::optional<int64_t> AmfNumber(const amf::PropertyStorage& storage, const wchar_t* name);

// What the device's component for a codec takes. layers: the name of what has its most temporal layers, or null. Throws
// HardwareFailure when there is no such component.
HardwareCodec AmfCapability(const AmfContext& context, const char* codec, const wchar_t* id, const wchar_t* layers);

}  // namespace sora

#endif
