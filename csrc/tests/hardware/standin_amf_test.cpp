// What the stand-in for AMD's runtime refuses, as this is documented to: one that takes everything would prove nothing.
#include <cstring>

#include "codecs/amf/interface.h"
#include "support.h"

namespace {

amf::Variant Int(int64_t number) {
  amf::Variant value{};
  value.type = amf::kInt64;
  value.int64 = number;
  return value;
}

// A context of AMF, with a device if that is asked for.
class Amf {
 public:
  explicit Amf(bool device = true) {
    REQUIRE_EQ(driver.Find<amf::Result(uint64_t, amf::Factory**)>("AMFInit")(amf::Version(1, 5, 0), &factory), amf::kOk);
    REQUIRE_EQ(factory->CreateContext(&context), amf::kOk);
    if (device) REQUIRE_EQ(context->InitVulkan(nullptr), amf::kOk);
  }
  ~Amf() { context->Release(); }

  amf::Component* Create(const wchar_t* id) const {
    amf::Component* component = nullptr;
    REQUIRE_EQ(factory->CreateComponent(context, id, &component), amf::kOk);
    return component;
  }
  amf::Surface* Surface(int width, int height) const {
    amf::Surface* surface = nullptr;
    REQUIRE_EQ(context->AllocSurface(amf::kHost, amf::kNv12, width, height, &surface), amf::kOk);
    return surface;
  }
  amf::Buffer* Buffer(const std::vector<uint8_t>& bytes) const {
    amf::Buffer* buffer = nullptr;
    REQUIRE_EQ(context->AllocBuffer(amf::kHost, bytes.size(), &buffer), amf::kOk);
    std::memcpy(buffer->GetNative(), bytes.data(), bytes.size());
    return buffer;
  }

  const test::Driver& driver = test::DriverOf("AMD_AMF");
  amf::Factory* factory = nullptr;
  amf::Context* context = nullptr;
};

#define REFUSES(call, result, reason)             \
  do {                                            \
    REQUIRE_EQ(call, result);                     \
    REQUIRE_HAS(amf.driver.TakeMisuse(), reason); \
  } while (false)

TEST(stand_in_of_AMF_refuses_newer_clients_and_contexts_without_a_device) {
  {
    const Amf amf(false);
    amf::Factory* factory = nullptr;
    const auto init = amf.driver.Find<amf::Result(uint64_t, amf::Factory**)>("AMFInit");
    REQUIRE_EQ(init(amf::Version(1, 6, 0), &factory), amf::kNotSupported);
    amf::Component* component = nullptr;
    REFUSES(amf.factory->CreateComponent(amf.context, L"AMFVideoEncoderVCE_AVC", &component), amf::kNoDevice, "no device");
    REQUIRE_EQ(amf.context->InitVulkan(nullptr), amf::kOk);
    REQUIRE_EQ(amf.factory->CreateComponent(amf.context, L"AMFVideoEncoderVCE_SVC", &component), amf::kNotFound);
    amf::Surface* surface = nullptr;
    REQUIRE_EQ(amf.context->AllocSurface(amf::kHost, amf::kYuv420p, 320, 240, &surface), amf::kNotSupported);
  }
  test::DriverOf("AMD_AMF").Reset();
}

TEST(stand_in_of_AMF_refuses_wrong_properties_order_and_sizes_of_an_encoder) {
  {
    const Amf amf;
    amf::Component* const encoder = amf.Create(L"AMFVideoEncoderVCE_AVC");
    amf::Surface *const small = amf.Surface(160, 96), *const large = amf.Surface(320, 240);
    amf::Data* data = nullptr;
    REFUSES(encoder->SubmitInput(large), amf::kNotInitialized, "it is not initialized");
    REQUIRE_EQ(encoder->QueryOutput(&data), amf::kNotInitialized);
    amf::Variant size{};
    size.type = amf::kSize;
    REFUSES(encoder->SetProperty(L"TargetBitrate", size), amf::kInvalidDataType, "TargetBitrate: it has another type");
    REFUSES(encoder->SetProperty(L"FrameRate", Int(30)), amf::kInvalidDataType, "FrameRate: it has another type");
    REFUSES(encoder->SetProperty(L"TargetBitrate", Int(9'999)), amf::kOutOfRange, "TargetBitrate: it is out of range");
    REFUSES(encoder->SetProperty(L"IDRPeriod", Int(1'001)), amf::kOutOfRange, "IDRPeriod: it is out of range");
    REFUSES(encoder->Init(amf::kYuv420p, 320, 240), amf::kInvalidFormat, "the format must be NV12");
    REQUIRE_EQ(encoder->Init(amf::kNv12, 64, 64), amf::kInvalidResolution);
    REQUIRE_EQ(encoder->Init(amf::kNv12, 320, 240), amf::kOk);
    REFUSES(encoder->Init(amf::kNv12, 320, 240), amf::kAlreadyInitialized, "it is initialized");
    REFUSES(encoder->SetProperty(L"Usage", Int(1)), amf::kAccessDenied, "Usage: it is fixed by Init");
    REQUIRE_EQ(encoder->SetProperty(L"TargetBitrate", Int(500'000)), amf::kOk);

    REFUSES(encoder->SubmitInput(small), amf::kInvalidArg, "not a surface of this size");
    REQUIRE_EQ(encoder->SubmitInput(large), amf::kOk);
    REFUSES(encoder->ReInit(160, 96), amf::kWrongState, "it is not drained");
    REQUIRE_EQ(encoder->Drain(), amf::kOk);
    REFUSES(encoder->SubmitInput(large), amf::kEof, "it is being drained");
    REQUIRE_EQ(encoder->QueryOutput(&data), amf::kOk);
    data->Release();
    REQUIRE_EQ(encoder->QueryOutput(&data), amf::kEof);
    REQUIRE_EQ(encoder->ReInit(160, 96), amf::kOk);
    for (int i = 0; i < 16; ++i) REQUIRE_EQ(encoder->SubmitInput(small), amf::kOk);
    REQUIRE_EQ(encoder->SubmitInput(small), amf::kInputFull);
    REQUIRE_EQ(encoder->Terminate(), amf::kOk);
    for (amf::Interface* object :
         {static_cast<amf::Interface*>(encoder), static_cast<amf::Interface*>(small), static_cast<amf::Interface*>(large)})
      REQUIRE_EQ(object->Release(), 0);
  }
  test::DriverOf("AMD_AMF").Reset();
}

TEST(stand_in_of_AMF_decodes_late_without_low_latency_and_asks_for_another_size) {
  {
    std::vector<std::vector<uint8_t>> frames;
    {
      const auto engines = test::Engines({"H264", "AMD_AMF", ""});
      test::Failures failures;
      test::Sender sends(engines, "H264", 320, 240, 500, failures);
      for (int i = 0; i < 2; ++i) {
        REQUIRE_EQ(sends.Next(), 0);
        frames.emplace_back(sends.image->data(), sends.image->data() + sends.image->size());
      }
    }
    const Amf amf;
    amf::Component* const decoder = amf.Create(L"AMFVideoDecoderUVD_H264_AVC");
    amf::Buffer *const first = amf.Buffer(frames[0]), *const second = amf.Buffer(frames[1]);
    amf::Surface* const surface = amf.Surface(320, 240);
    REFUSES(decoder->Init(amf::kYuv420p, 640, 360), amf::kSurfaceFormatNotSupported, "the format must be NV12");
    REQUIRE_EQ(decoder->Init(amf::kNv12, 8, 8), amf::kInvalidResolution);
    REQUIRE_EQ(decoder->Init(amf::kNv12, 640, 360), amf::kOk);
    REFUSES(decoder->SetProperty(L"ReorderMode", Int(2)), amf::kAccessDenied, "ReorderMode: it is fixed by Init");
    REFUSES(decoder->SubmitInput(surface), amf::kInvalidArg, "not a buffer");
    REQUIRE_EQ(decoder->SubmitInput(first), amf::kResolutionChanged);
    REQUIRE_EQ(decoder->SubmitInput(first), amf::kResolutionChanged);
    REQUIRE_EQ(decoder->Terminate(), amf::kOk);
    amf::Variant size{};
    REQUIRE_EQ(decoder->GetProperty(L"CurrentSize", &size), amf::kOk);
    REQUIRE_EQ(size.type, amf::kSize);
    REQUIRE_EQ(decoder->Init(amf::kNv12, size.size.width, size.size.height), amf::kOk);

    amf::Data* data = nullptr;
    REQUIRE_EQ(decoder->SubmitInput(first), amf::kOk);
    REQUIRE_EQ(decoder->QueryOutput(&data), amf::kRepeat);
    REQUIRE_EQ(decoder->SubmitInput(second), amf::kOk);
    REQUIRE_EQ(decoder->QueryOutput(&data), amf::kOk);
    void* found = nullptr;
    REQUIRE_EQ(data->QueryInterface(amf::kSurfaceId, &found), amf::kOk);
    auto* const decoded = static_cast<amf::Surface*>(found);
    // It is the device's until it is moved.
    REQUIRE_EQ(decoded->GetMemoryType(), amf::kVulkan);
    REQUIRE(decoded->GetPlane(amf::kPlaneY)->GetNative() == nullptr);
    REQUIRE_EQ(decoded->Convert(amf::kHost), amf::kOk);
    REQUIRE(decoded->GetPlane(amf::kPlaneY)->GetNative() != nullptr);
    decoded->Release();
    data->Release();
    REQUIRE_EQ(decoder->Terminate(), amf::kOk);
    for (amf::Interface* object : {static_cast<amf::Interface*>(decoder), static_cast<amf::Interface*>(first),
                                   static_cast<amf::Interface*>(second), static_cast<amf::Interface*>(surface)})
      REQUIRE_EQ(object->Release(), 0);
  }
  test::DriverOf("AMD_AMF").Reset();
}

}  // namespace
