#include "amf/component.h"

namespace standin {
namespace {

bool IsNumber(amf::VariantType type) { return type == amf::kBool || type == amf::kInt64 || type == amf::kDouble; }

int64_t NumberOf(const amf::Variant& value) {
  return value.type == amf::kBool    ? value.boolean
         : value.type == amf::kInt64 ? value.int64
                                     : static_cast<int64_t>(value.real);
}

// The narrowest name of a property, for a report.
void Report(const wchar_t* name, const char* reason) { Misuse("SetProperty: %ls: %s", name, reason); }

}  // namespace

amf::Result ComponentObject::Check(const wchar_t* name, const amf::Variant& value) const {
  const Property* const property = FindProperty(codec_, encodes_, name);
  if (!property) return amf::kOk;
  if (property->fixed && IsOpen()) {
    Report(name, "it is fixed by Init");
    return amf::kAccessDenied;
  }
  // AMF converts numbers to each other.
  if (property->type != value.type && !(IsNumber(property->type) && IsNumber(value.type))) {
    Report(name, "it has another type");
    return amf::kInvalidDataType;
  }
  if (IsNumber(value.type) && (NumberOf(value) < property->least || NumberOf(value) > property->most)) {
    Report(name, "it is out of range");
    return amf::kOutOfRange;
  }
  return amf::kOk;
}

amf::Result ComponentObject::ReInit(int32_t width, int32_t height) {
  std::lock_guard lock(Mutex());
  if (const amf::Result result = EnterAmf("AMFComponent::ReInit")) return result;
  if (!IsOpen() || !drained_) {
    Misuse("AMFComponent::ReInit: it is not %s", IsOpen() ? "drained" : "initialized");
    return amf::kWrongState;
  }
  End();
  return Init(format_, width, height);
}

amf::Result ComponentObject::Terminate() {
  std::lock_guard lock(Mutex());
  Enter("AMFComponent::Terminate", true);
  End();
  return amf::kOk;
}

amf::Result ComponentObject::Drain() {
  std::lock_guard lock(Mutex());
  if (const amf::Result result = EnterAmf("AMFComponent::Drain")) return result;
  if (!IsOpen()) return amf::kNotInitialized;
  draining_ = true;
  return amf::kOk;
}

amf::Result ComponentObject::Flush() {
  std::lock_guard lock(Mutex());
  for (amf::Data* data : done_) data->Release();
  done_.clear();
  drained_ = true;
  return amf::kOk;
}

amf::Result ComponentObject::Accept(const char* function) {
  const Verdict verdict = Enter(function);
  if (verdict == Verdict::kFail) return amf::kFail;
  if (verdict == Verdict::kLost) return amf::kNoDevice;
  if (!IsOpen()) {
    Misuse("%s: it is not initialized", function);
    return amf::kNotInitialized;
  }
  if (draining_) {
    Misuse("%s: it is being drained", function);
    return amf::kEof;
  }
  // The queue holds so many frames that nobody has fetched yet.
  if (verdict == Verdict::kBusy || done_.size() >= 16) return encodes_ ? amf::kInputFull : amf::kNoFreeSurfaces;
  drained_ = false;
  return amf::kOk;
}

amf::Result ComponentObject::QueryOutput(amf::Data** data) {
  std::lock_guard lock(Mutex());
  if (const amf::Result result = EnterAmf("AMFComponent::QueryOutput")) return result;
  if (!data) return amf::kInvalidPointer;
  *data = nullptr;
  if (!IsOpen()) return amf::kNotInitialized;
  if (draining_ && done_.empty()) {
    draining_ = false;
    drained_ = true;
    return amf::kEof;
  }
  if (done_.size() <= (draining_ ? 0 : delay_)) return amf::kRepeat;
  // Now and then a frame is still at work.
  if (!waits_ && !draining_ && ++queries_ % 8 == 0) return amf::kRepeat;
  *data = done_.front();
  done_.pop_front();
  return amf::kOk;
}

amf::Result ComponentObject::GetCaps(amf::Caps** caps) {
  std::lock_guard lock(Mutex());
  if (const amf::Result result = EnterAmf("AMFComponent::GetCaps")) return result;
  *caps = NewCaps(codec_, encodes_);
  return amf::kOk;
}

void ComponentObject::End() {
  if (!IsOpen()) return;
  Flush();
  draining_ = drained_ = false;
  Close();
}

}  // namespace standin
