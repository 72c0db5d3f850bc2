// What the objects of AMF's stand-in have in common: they are counted, and carry properties.
#pragma once

#include <cstring>
#include <map>
#include <string>

#include "codecs/amf/interface.h"
#include "soft/control.h"

namespace standin {

inline bool operator==(const amf::Guid& a, const amf::Guid& b) { return !memcmp(&a, &b, sizeof a); }

// What any call returns that a setting makes fail.
inline amf::Result EnterAmf(const char* function) {
  switch (Enter(function)) {
    case Verdict::kFail: return amf::kFail;
    case Verdict::kLost: return amf::kNoDevice;
    default: return amf::kOk;
  }
}

// A counted object. `kind`: what it counts as, while it is open.
template <typename Base>
class Counted : public Base {
 public:
  explicit Counted(Kind kind) : kind_(kind) { Opened(kind); }
  virtual ~Counted() { Closed(kind_); }

  long Acquire() override {
    std::lock_guard lock(Mutex());
    return ++uses_;
  }
  long Release() override {
    std::lock_guard lock(Mutex());
    if (uses_ <= 0) Misuse("Release: the object is gone");
    const long left = --uses_;
    if (left == 0) delete this;
    return left;
  }
  amf::Result QueryInterface(const amf::Guid& id, void** out) override {
    std::lock_guard lock(Mutex());
    if (!Is(id)) return amf::kNoInterface;
    ++uses_;
    *out = this;
    return amf::kOk;
  }

 protected:
  virtual bool Is(const amf::Guid&) const { return false; }

 private:
  const Kind kind_;
  long uses_ = 1;
};

template <typename Base>
class Storage : public Counted<Base> {
 public:
  using Counted<Base>::Counted;
  ~Storage() override { Clear(); }

  amf::Result SetProperty(const wchar_t* name, amf::Variant value) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("SetProperty")) return result;
    if (!name) return amf::kInvalidPointer;
    if (const amf::Result result = Check(name, value)) return result;
    return Put(name, value);
  }
  amf::Result GetProperty(const wchar_t* name, amf::Variant* value) const override {
    std::lock_guard lock(Mutex());
    const auto found = properties_.find(name);
    if (found == properties_.end()) return amf::kNotFound;
    *value = found->second;
    if (value->type == amf::kInterface && value->interface) value->interface->Acquire();
    return amf::kOk;
  }
  bool HasProperty(const wchar_t* name) const override { return properties_.count(name) != 0; }
  size_t GetPropertyCount() const override { return properties_.size(); }
  amf::Result GetPropertyAt(size_t, wchar_t*, size_t, amf::Variant*) const override { return amf::kNotImplemented; }
  amf::Result Clear() override {
    std::lock_guard lock(Mutex());
    for (const auto& [name, value] : properties_)
      if (value.type == amf::kInterface && value.interface) value.interface->Release();
    properties_.clear();
    return amf::kOk;
  }
  amf::Result AddTo(amf::PropertyStorage*, bool, bool) const override { return amf::kNotImplemented; }
  amf::Result CopyTo(amf::PropertyStorage*, bool) const override { return amf::kNotImplemented; }
  void AddObserver(void*) override {}
  void RemoveObserver(void*) override {}

  amf::Result Put(const wchar_t* name, amf::Variant value) {
    if (value.type == amf::kInterface && value.interface) value.interface->Acquire();
    amf::Variant& place = properties_[name];
    if (place.type == amf::kInterface && place.interface) place.interface->Release();
    place = value;
    return amf::kOk;
  }
  void PutInt(const wchar_t* name, int64_t number) {
    amf::Variant value = {};
    value.type = amf::kInt64;
    value.int64 = number;
    Put(name, value);
  }
  int64_t Int(const std::wstring& name, int64_t otherwise) const {
    const auto found = properties_.find(name);
    if (found == properties_.end()) return otherwise;
    return found->second.type == amf::kBool    ? found->second.boolean
           : found->second.type == amf::kInt64 ? found->second.int64
                                               : otherwise;
  }
  const std::map<std::wstring, amf::Variant>& properties() const { return properties_; }

 protected:
  // What is to be said against a value that a client sets.
  virtual amf::Result Check(const wchar_t*, const amf::Variant&) const { return amf::kOk; }

 private:
  std::map<std::wstring, amf::Variant> properties_;
};

// A buffer or a surface, in memory of the machine unless it says otherwise.
template <typename Base>
class HostData : public Storage<Base> {
 public:
  using Storage<Base>::Storage;
  amf::MemoryType GetMemoryType() override { return amf::kHost; }
  amf::Result Duplicate(amf::MemoryType, amf::Data**) override { return amf::kNotImplemented; }
  amf::Result Convert(amf::MemoryType type) override { return type == amf::kHost ? amf::kOk : amf::kNotSupported; }
  amf::Result Interop(amf::MemoryType type) override { return Convert(type); }
  bool IsReusable() override { return true; }
  void SetPts(int64_t pts) override { pts_ = pts; }
  int64_t GetPts() override { return pts_; }
  void SetDuration(int64_t duration) override { duration_ = duration; }
  int64_t GetDuration() override { return duration_; }

 private:
  int64_t pts_ = 0, duration_ = 0;
};

}  // namespace standin
