#include "codecs/amf/library.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "codecs/hardware/h265_level.h"
#include "os/shared_library.h"

namespace sora {
namespace {

// The interface that is declared here, and the first one that has all of it.
constexpr uint64_t kEmbedded = amf::Version(1, 5, 2), kNeeded = amf::Version(1, 4, 18);

const char* NameOf(amf::Result result) {
  switch (result) {
    case amf::kFail: return "it failed";
    case amf::kInvalidArg: return "an invalid argument";
    case amf::kOutOfMemory: return "out of memory";
    case amf::kNotSupported: return "not supported";
    case amf::kNotFound: return "not found";
    case amf::kNotInitialized: return "not initialized";
    case amf::kNoDevice: return "no device";
    case amf::kRepeat: return "nothing came in time";
    case amf::kInputFull:
    case amf::kNoFreeSurfaces: return "the device is busy";
    case amf::kInvalidResolution: return "an invalid size";
    case amf::kCodecNotSupported: return "the codec is not supported";
    case amf::kDecoderNotPresent: return "the device has no decoder";
    case amf::kEncoderNotPresent: return "the device has no encoder";
    case amf::kVulkanFailed: return "Vulkan failed";
    default: return nullptr;
  }
}

std::string Text(const char* call, amf::Result result) {
  const char* const name = NameOf(result);
  return std::string(call) + ": " + std::to_string(result) + (name ? std::string(" (") + name + ")" : "");
}

std::string TextOf(uint64_t version) {
  std::string text;
  for (int shift = 48; shift >= 0; shift -= 16)
    text += (text.empty() ? "" : ".") + std::to_string(version >> shift & 0xffff);
  return text;
}

// More than any frame takes, also where several encoders share a busy device: who gives up too early opens another session.
constexpr std::chrono::milliseconds kLongest{1000};

// Calls again while that has an answer like this, for so long at most.
template <typename Call, typename Busy>
amf::Result While(Call call, Busy busy) {
  const auto end = std::chrono::steady_clock::now() + kLongest;
  for (;;) {
    const amf::Result result = call();
    if (!busy(result) || std::chrono::steady_clock::now() >= end) return result;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

// Frames are coded in multiples of it. At least of two: half a sample of chroma has no place.
int Factor(const amf::PropertyStorage& caps, const wchar_t* name) {
  const int64_t factor = AmfNumber(caps, name).value_or(1);
  return factor >= 2 && factor <= 256 ? static_cast<int>(factor) : 2;
}

int RoundUp(int size, int factor) { return (size + factor - 1) / factor * factor; }

}  // namespace

const AmfLibrary* AmfLibrary::Get(std::string& why_not) {
  static std::string reason;
  static const AmfLibrary* const loaded = []() -> const AmfLibrary* {
    void* const library = OpenInstalledLibrary("amfrt64", 1);
    if (!library) {
      reason = "there is no AMF runtime: the library amfrt64 could not be opened";
      return nullptr;
    }
    auto* const functions = new AmfLibrary;
    functions->QueryVersion = reinterpret_cast<amf::QueryVersionFunction>(FindFunction(library, "AMFQueryVersion"));
    functions->Init = reinterpret_cast<amf::InitFunction>(FindFunction(library, "AMFInit"));
    if (functions->QueryVersion && functions->Init) return functions;
    delete functions;
    reason = "the library amfrt64 is no AMF runtime: it lacks its functions";
    return nullptr;
  }();
  why_not = reason;
  return loaded;
}

AmfContext::AmfContext(amf::Factory& factory) : factory_(factory) {
  Check(factory.CreateContext(context_.Out()), "AMFFactory::CreateContext");
  const auto context = context_.As<amf::Context>(amf::kContext1Id);
  if (!context) throw HardwareFailure("the AMF runtime has no Vulkan");
  const amf::Result result = context->InitVulkan(nullptr);
  if (result == amf::kOk) return;
  context_->Terminate();
  throw HardwareFailure(Text("AMFContext1::InitVulkan", result), HardwareFailure::Kind::kLasting);
}

AmfContext::~AmfContext() { context_->Terminate(); }

AmfRef<amf::Component> AmfContext::Create(const wchar_t* id) const {
  AmfRef<amf::Component> component;
  Check(factory_.CreateComponent(context_.get(), id, component.Out()), "AMFFactory::CreateComponent");
  if (!component) throw HardwareFailure(Text("AMFFactory::CreateComponent", amf::kNotFound));
  return component;
}

void AmfContext::Check(amf::Result result, const char* call) const {
  if (result == amf::kOk) return;
  const bool lost = result == amf::kNoDevice || result == amf::kVulkanFailed;
  if (lost || result == amf::kFail || result == amf::kUnexpected || result == amf::kRepeat) suspect_ = true;
  throw HardwareFailure(Text(call, result), lost ? HardwareFailure::Kind::kLasting : HardwareFailure::Kind::kPassing);
}

std::shared_ptr<AmfDevice> AmfDevice::Open(std::string& why_not) {
  static std::mutex mutex;
  static std::weak_ptr<AmfDevice> open;
  std::lock_guard lock(mutex);
  if (auto device = open.lock()) return device;
  const AmfLibrary* const library = AmfLibrary::Get(why_not);
  if (!library) return nullptr;
  uint64_t version = 0;
  if (const amf::Result result = library->QueryVersion(&version); result != amf::kOk) {
    why_not = Text("AMFQueryVersion", result);
    return nullptr;
  }
  if (version < kNeeded) {
    why_not = "the AMF runtime is too old: its version is " + TextOf(version) + ", and needed is " + TextOf(kNeeded);
    return nullptr;
  }
  amf::Factory* factory = nullptr;
  // A runtime refuses clients that are newer than itself.
  const amf::Result result = library->Init(std::min(version, kEmbedded), &factory);
  if (result != amf::kOk || !factory) {
    why_not = Text("AMFInit", result);
    return nullptr;
  }
  std::shared_ptr<AmfDevice> device(new AmfDevice(*factory, version));
  try {
    device->Context();
  } catch (const HardwareFailure& failure) {
    why_not = std::string("there is no AMD device that the AMF runtime can use: ") + failure.what();
    return nullptr;
  }
  open = device;
  return device;
}

std::shared_ptr<AmfContext> AmfDevice::Context() {
  std::lock_guard lock(mutex_);
  if (!context_ || context_->suspect()) context_ = std::make_shared<AmfContext>(factory_);
  return context_;
}

std::vector<std::pair<std::string, std::string>> AmfDevice::parameters() const {
  return {{"amf_runtime_version", TextOf(version_)}, {"amf_embedded_version", TextOf(kEmbedded)}};
}

void AmfComponent::Set(const wchar_t* name, const amf::Variant& value) {
  context_->Check(component_->SetProperty(name, value), "AMFComponent::SetProperty");
}

void AmfComponent::Try(const wchar_t* name, const amf::Variant& value) {
  if (const amf::Result result = component_->SetProperty(name, value); result == amf::kNoDevice)
    context_->Check(result, "AMFComponent::SetProperty");
}

amf::Result AmfComponent::Submit(amf::Data* data) {
  return While([&] { return component_->SubmitInput(data); },
               [](amf::Result result) { return result == amf::kInputFull || result == amf::kNoFreeSurfaces; });
}

amf::Result AmfComponent::Fetch(AmfRef<amf::Data>& data) {
  return While(
      [&] {
        const amf::Result result = component_->QueryOutput(data.Out());
        return result == amf::kOk && !data ? amf::kRepeat : result;
      },
      [](amf::Result result) { return result == amf::kRepeat; });
}

amf::Variant AmfBool(bool value) {
  amf::Variant variant{};
  variant.type = amf::kBool;
  variant.boolean = value;
  return variant;
}

amf::Variant AmfInt(int64_t value) {
  amf::Variant variant{};
  variant.type = amf::kInt64;
  variant.int64 = value;
  return variant;
}

amf::Variant AmfSize(int width, int height) {
  amf::Variant variant{};
  variant.type = amf::kSize;
  variant.size = {width, height};
  return variant;
}

amf::Variant AmfRate(uint32_t numerator, uint32_t denominator) {
  amf::Variant variant{};
  variant.type = amf::kRate;
  variant.rate = {numerator, denominator};
  return variant;
}

std::optional<int64_t> AmfNumber(const amf::PropertyStorage& storage, const wchar_t* name) {
  amf::Variant value{};
  if (storage.GetProperty(name, &value) != amf::kOk || value.type != amf::kInt64) return std::nullopt;
  return value.int64;
}

HardwareCodec AmfCapability(const AmfContext& context, const char* codec, const wchar_t* id, const wchar_t* layers) {
  const auto component = context.Create(id);
  AmfRef<amf::Caps> caps;
  context.Check(component->GetCaps(caps.Out()), "AMFComponent::GetCaps");
  const auto acceleration = caps->GetAccelerationType();
  if (acceleration != amf::kHardware && acceleration != amf::kGpu)
    throw HardwareFailure(std::string("the device has no ") + codec);
  AmfRef<amf::IoCaps> input;
  context.Check(caps->GetInputCaps(input.Out()), "AMFCaps::GetInputCaps");
  HardwareCodec found{codec, {}};
  input->GetWidthRange(&found.sizes.min_width, &found.sizes.max_width);
  input->GetHeightRange(&found.sizes.min_height, &found.sizes.max_height);
  found.alignment.width = Factor(*caps.get(), L"Av1WidthAlignmentFactor");
  found.alignment.height = Factor(*caps.get(), L"Av1HeightAlignmentFactor");
  // A frame that is as large as the least is so when its edges are cut off.
  found.sizes.min_width = RoundUp(found.sizes.min_width, found.alignment.width);
  found.sizes.min_height = RoundUp(found.sizes.min_height, found.alignment.height);
  // Both in AMF and in SDP it is thirty times the number.
  const int64_t level = AmfNumber(*caps.get(), L"HevcMaxLevel").value_or(0);
  if (level > 0 && level <= kHighestH265Level) found.h265_level = static_cast<int>(level);
  // libwebrtc has patterns for three.
  if (layers)
    found.temporal_layers = static_cast<int>(std::clamp<int64_t>(AmfNumber(*caps.get(), layers).value_or(1), 1, 3));
  return found;
}

}  // namespace sora
