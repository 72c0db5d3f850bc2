// Which engines are opened, and when.
#include "codecs/engines.h"

#include <algorithm>

#include "codecs/engine_kinds.h"
#include "core/result.h"
#include "support.h"

namespace {

constexpr const char* kName = "TEST_DEVICE";
int opened = 0;
bool absent = false;

// A device that encodes and decodes VP9 from 128x96 on; what it really does is left to libvpx.
class Device : public sora::CodecEngine {
 public:
  std::vector<webrtc::SdpVideoFormat> EncoderFormats() const override { return {webrtc::SdpVideoFormat("VP9")}; }
  std::vector<webrtc::SdpVideoFormat> DecoderFormats() const override { return {webrtc::SdpVideoFormat("VP9")}; }
  std::optional<sora::SizeLimits> EncoderSizes(const webrtc::SdpVideoFormat&) const override {
    return sora::SizeLimits{128, 96, 4096, 2304};
  }
  std::unique_ptr<webrtc::VideoEncoder> CreateEncoder(const webrtc::SdpVideoFormat&) override { return nullptr; }
  std::unique_ptr<webrtc::VideoDecoder> CreateDecoder(const webrtc::SdpVideoFormat&) override { return nullptr; }
};

// Registers the device once.
void AddDevice() {
  auto& kinds = sora::EngineKinds();
  if (std::any_of(kinds.begin(), kinds.end(), [](const auto& kind) { return std::string(kind.name) == kName; })) return;
  kinds.push_back({kName, false, [](const sora::CodecOptions&, std::string& why_not) -> std::unique_ptr<sora::CodecEngine> {
                     ++opened;
                     if (!absent) return std::make_unique<Device>();
                     why_not = "the device is not there";
                     return nullptr;
                   }});
}

std::shared_ptr<sora::CodecFailures> Failures() { return std::make_shared<sora::CodecFailures>(); }

sora::CodecOptions Prefer(const char* codec, const char* encoder) {
  sora::CodecOptions options;
  options.preferences = {{codec, encoder, std::nullopt}};
  return options;
}

TEST(CodecEngines_opens_no_engine_that_nobody_asked_for) {
  AddDevice();
  opened = 0;
  const sora::CodecEngines engines{sora::CodecOptions()};
  REQUIRE(engines.CreateEncoderFactory(Failures()) != nullptr);
  REQUIRE(engines.CreateDecoderFactory(Failures()) != nullptr);
  REQUIRE(!engines.HowToDecode("H265").empty());
  const sora::CodecEngines internal(Prefer("VP9", "INTERNAL"));
  REQUIRE_EQ(internal.Encoded().empty(), false);
  REQUIRE_EQ(opened, 0);
}

TEST(CodecEngines_opens_an_engine_once_for_itself_and_its_copies) {
  AddDevice();
  opened = 0;
  const sora::CodecEngines engines(Prefer("VP9", kName));
  const sora::CodecEngines copy = engines;
  REQUIRE_EQ(engines.Encoded().size(), 1u);
  REQUIRE_EQ(copy.Encoded().size(), 1u);
  REQUIRE(copy.CreateEncoderFactory(Failures()) != nullptr);
  REQUIRE_EQ(opened, 1);
}

TEST(CodecEngines_lists_what_it_did_not_open_before_with_the_sizes_of_the_device) {
  AddDevice();
  opened = 0;
  const sora::CodecEngines engines{sora::CodecOptions()};
  const std::string json = engines.Capabilities();
  REQUIRE_EQ(opened, 1);
  REQUIRE_HAS(json, "\"name\":\"TEST_DEVICE\"");
  REQUIRE_HAS(json, "\"encoderSizes\":{\"minWidth\":128,\"minHeight\":96,\"maxWidth\":4096,\"maxHeight\":2304}");
  REQUIRE_HAS_NOT(json, "decoderSizes");
}

TEST(CodecEngines_says_why_an_engine_is_absent) {
  AddDevice();
  absent = true;
  std::string text;
  try {
    sora::CodecEngines(Prefer("VP9", kName)).CreateEncoderFactory(Failures());
  } catch (const sora::Error& error) {
    text = error.what();
  }
  const std::string json = sora::CodecEngines{sora::CodecOptions()}.Capabilities();
  absent = false;
  REQUIRE_EQ(text, "The requested codecs are not available: TEST_DEVICE cannot encode VP9: the device is not there");
  REQUIRE_HAS(json, "{\"name\":\"TEST_DEVICE\",\"reason\":\"the device is not there\"}");
}

}  // namespace
