// What encoders and decoders of AMF's stand-in have in common: their properties, their order of calls, and a queue of what is done.
#pragma once

#include <deque>

#include "amf/data.h"
#include "soft/codec.h"

namespace standin {

class ComponentObject : public Storage<amf::Component> {
 public:
  ComponentObject(amf::Context* context, Codec codec, bool encodes)
      : Storage(Kind::kComponent), context_(context), codec_(codec), encodes_(encodes) {
    context_->Acquire();
  }
  ~ComponentObject() override { context_->Release(); }

  size_t GetPropertiesInfoCount() const override { return 0; }
  amf::Result GetPropertyInfoAt(size_t, const void**) const override { return amf::kNotFound; }
  amf::Result GetPropertyInfo(const wchar_t*, const void**) const override { return amf::kNotFound; }
  amf::Result ValidateProperty(const wchar_t*, amf::Variant, amf::Variant*) const override { return amf::kOk; }
  amf::Context* GetContext() override { return context_; }
  amf::Result SetOutputDataAllocatorCB(void*) override { return amf::kNotImplemented; }
  amf::Result Optimize(void*) override { return amf::kNotImplemented; }

  amf::Result ReInit(int32_t width, int32_t height) override;
  amf::Result Terminate() override;
  amf::Result Drain() override;
  amf::Result Flush() override;
  amf::Result QueryOutput(amf::Data** data) override;
  amf::Result GetCaps(amf::Caps** caps) override;

 protected:
  virtual bool IsOpen() const = 0;
  // Closes what Init opened.
  virtual void Close() = 0;
  amf::Result Check(const wchar_t* name, const amf::Variant& value) const override;
  // What SubmitInput begins with.
  amf::Result Accept(const char* function);
  void Finish(amf::Data* data) { done_.push_back(data); }
  void End();

  amf::Context* const context_;
  const Codec codec_;
  const bool encodes_;
  // So many of what is done are kept back until there is more.
  size_t delay_ = 0;
  // QueryOutput waits for what is at work, for so long at least.
  bool waits_ = false;
  // The last format that Init was given.
  amf::SurfaceFormat format_ = amf::kUnknownFormat;

 private:
  std::deque<amf::Data*> done_;
  bool draining_ = false, drained_ = false;
  int64_t queries_ = 0;
};

amf::Component* NewEncoder(amf::Context* context, const wchar_t* id);
amf::Component* NewDecoder(amf::Context* context, const wchar_t* id);

// The sizes that the device codes.
struct CodedSizes {
  int32_t least_width, least_height, most_width, most_height;
};
CodedSizes SizesOf(Codec codec, bool encodes);
bool Fits(Codec codec, bool encodes, int32_t width, int32_t height);

amf::Caps* NewCaps(Codec codec, bool encodes);

// A property that AMF documents for a component.
struct Property {
  const wchar_t* name;
  amf::VariantType type;
  bool fixed;  // by Init
  int64_t least, most;
};
const Property* FindProperty(Codec codec, bool encodes, const wchar_t* name);

}  // namespace standin
