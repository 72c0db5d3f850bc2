// Temporal layers of devices that have them: their numbers, and that lower layers are decoded without the higher ones.
#include "codecs/hardware/temporal_id.h"

#include <random>

#include "absl/algorithm/container.h"
#include "api/video/video_bitrate_allocation.h"
#include "support.h"

namespace {

using Mode = webrtc::ScalabilityMode;

constexpr int kWidth = 320, kHeight = 240, kFrames = 24;
constexpr Mode kModes[] = {Mode::kL1T1, Mode::kL1T2, Mode::kL1T3};

struct Layered {
  webrtc::EncodedImage image;
  webrtc::CodecSpecificInfo info;
  int number;  // of its source
};

// A sender whose encoder was asked for temporal layers.
class LayeredSender : public webrtc::EncodedImageCallback {
 public:
  LayeredSender(const sora::CodecEngines& engines, const std::string& codec, int layers, test::Failures& failures)
      : codec_(codec), layers_(layers), factory_(engines.CreateEncoderFactory(failures.sink)) {
    encoder_ = factory_->CreateVideoEncoder(Format(engines));
    REQUIRE(encoder_ != nullptr);
  }

  webrtc::SdpVideoFormat Format(const sora::CodecEngines& engines) const {
    for (const auto& format : engines.Encoded())
      if (format.name == codec_) return format;
    test::Fail(__FILE__, __LINE__, codec_ + " is not offered");
  }

  int Init() {
    webrtc::VideoCodec settings = test::Codec(codec_, kWidth, kHeight, 800);
    settings.SetScalabilityMode(kModes[layers_ - 1]);
    settings.simulcastStream[0].numberOfTemporalLayers = static_cast<unsigned char>(layers_);
    const int result = encoder_->InitEncode(&settings, test::EncoderSettings());
    encoder_->RegisterEncodeCompleteCallback(this);
    if (result == 0) SetRate(800, 30);
    return result;
  }

  void SetRate(unsigned kbps, double fps) {
    webrtc::VideoBitrateAllocation bitrate;
    for (int layer = 0; layer < layers_; ++layer)
      bitrate.SetBitrate(0, static_cast<size_t>(layer), kbps * 1000 / static_cast<unsigned>(layers_));
    encoder_->SetRates(webrtc::VideoEncoder::RateControlParameters(bitrate, fps));
  }

  void Next(bool key) {
    const std::vector<webrtc::VideoFrameType> types{key ? webrtc::VideoFrameType::kVideoFrameKey
                                                        : webrtc::VideoFrameType::kVideoFrameDelta};
    REQUIRE_EQ(encoder_->Encode(test::MovingFrame(kWidth, kHeight, number_), &types), 0);
    ++number_;
  }

  Result OnEncodedImage(const webrtc::EncodedImage& image, const webrtc::CodecSpecificInfo* info) override {
    frames.push_back({image, *info, number_});
    return Result(Result::OK, image.RtpTimestamp());
  }
  void OnDroppedFrame(DropReason) override { ++dropped; }
  size_t Allocated() const { return encoder_->GetEncoderInfo().fps_allocation[0].size(); }

  std::vector<Layered> frames;
  int dropped = 0;

 private:
  const std::string codec_;
  const int layers_;
  int number_ = 0;
  std::unique_ptr<webrtc::VideoEncoderFactory> factory_;
  std::unique_ptr<webrtc::VideoEncoder> encoder_;
};

int LayerAt(int position, int layers) {
  const std::vector<std::vector<int>> patterns{{0}, {0, 1}, {0, 2, 1, 2}};
  const auto& pattern = patterns[static_cast<size_t>(layers - 1)];
  return pattern[static_cast<size_t>(position) % pattern.size()];
}

void CheckDescription(const std::string& codec, const Layered& frame, int layer, int position, int layers, bool key) {
  REQUIRE_EQ(frame.image._frameType == webrtc::VideoFrameType::kVideoFrameKey, key);
  REQUIRE_EQ(frame.image.TemporalIndex().value_or(-1), layer);
  if (codec == "H264") {
    const auto& h264 = frame.info.codecSpecific.H264;
    REQUIRE_EQ(h264.temporal_idx, layer);
    // What follows the base at once refers to it alone; of three layers, so does the middle one.
    REQUIRE_EQ(h264.base_layer_sync, layer > 0 && position % (layers == 2 ? 2 : 4) != 3);
  } else if (codec == "VP9") {
    const auto& vp9 = frame.info.codecSpecific.VP9;
    REQUIRE_EQ(vp9.temporal_idx, layer);
    REQUIRE_EQ(vp9.gof_idx, position % (layers == 2 ? 2 : 4));
    REQUIRE_EQ(vp9.ss_data_available, key);
    if (key) REQUIRE_EQ(vp9.gof.num_frames_in_gof, layers == 2 ? 2 : 4);
  } else {
    REQUIRE_EQ(frame.info.generic_frame_info->temporal_id, layer);
    REQUIRE_EQ(frame.info.template_structure.has_value(), key);
    if (key) REQUIRE_EQ(frame.info.template_structure->num_decode_targets, layers);
  }
}

void DecodeUpTo(const sora::CodecEngines& engines, const std::string& codec, const std::vector<Layered>& frames,
                int highest) {
  test::Failures failures;
  test::Receiver receives(engines, codec, failures);
  int expected = 0;
  for (const auto& frame : frames) {
    if (frame.image.TemporalIndex().value_or(0) > highest) continue;
    REQUIRE_EQ(receives.Decode(frame.image), 0);
    REQUIRE_EQ(receives.decoded.count, ++expected);
    const double psnr = test::Psnr(*receives.decoded.last, test::MovingFrame(kWidth, kHeight, frame.number));
    if (psnr < 30)
      test::Fail(__FILE__, __LINE__,
                 codec + ", frame " + std::to_string(frame.number) + " up to layer " + std::to_string(highest) + ": " +
                     std::to_string(psnr) + " dB");
  }
  REQUIRE(expected > 0);
}

void SendLayers(const test::Driver& driver, const std::string& codec, int layers) {
  driver.Reset();
  {
    // H264 is decoded by OpenH264 in the stand-in, the others by the engine inside the library.
    const auto engines = test::Engines({codec, driver.engine, codec == "H264" ? driver.engine : "INTERNAL"});
    test::Failures failures;
    LayeredSender sends(engines, codec, layers, failures);
    REQUIRE(absl::c_linear_search(sends.Format(engines).scalability_modes, kModes[layers - 1]));
    REQUIRE_EQ(sends.Init(), 0);
    REQUIRE_EQ(sends.Allocated(), static_cast<size_t>(layers));
    int position = 0;
    for (int i = 0; i < kFrames; ++i) {
      if (i == 7) sends.SetRate(400, 15);  // another rate leaves the pattern as it is
      if (i == 13) position = 0;           // a key frame begins it anew
      sends.Next(i == 13);
      REQUIRE_EQ(sends.frames.size(), static_cast<size_t>(i + 1));
      // VPL's runtime writes the layer into the bitstream, where the codec has a place for it; NVIDIA's driver and AMD's runtime
      // report that of H264.
      const auto& image = sends.frames.back().image;
      const bool written = std::string(driver.name) == "libvpl" ? codec != "VP9" : codec == "AV1";
      REQUIRE_EQ(sora::TemporalIdOf(webrtc::PayloadStringToCodecType(codec), {image.data(), image.size()}),
                 written ? LayerAt(position, layers) : -1);
      CheckDescription(codec, sends.frames.back(), LayerAt(position, layers), position, layers, i == 0 || i == 13);
      ++position;
    }
    for (int highest = 0; highest < layers; ++highest) DecodeUpTo(engines, codec, sends.frames, highest);
    REQUIRE_EQ(failures.texts.size(), 0u);
  }
  driver.Reset();
}

TEST(temporal_layers_of_NVIDIA_H264_stand_without_those_above) {
  for (const int layers : {2, 3}) SendLayers(test::Drivers()[0], "H264", layers);
}
TEST(temporal_layers_of_VPL_H264_stand_without_those_above) {
  for (const int layers : {2, 3}) SendLayers(test::Drivers()[1], "H264", layers);
}
TEST(temporal_layers_of_VPL_AV1_stand_without_those_above) {
  for (const int layers : {2, 3}) SendLayers(test::Drivers()[1], "AV1", layers);
}
TEST(temporal_layers_of_VPL_VP9_stand_without_those_above) {
  for (const int layers : {2, 3}) SendLayers(test::Drivers()[1], "VP9", layers);
}

TEST(temporal_layers_of_AMF_H264_stand_without_those_above) {
  for (const int layers : {2, 3}) SendLayers(test::DriverOf("AMD_AMF"), "H264", layers);
}
TEST(temporal_layers_of_AMF_AV1_stand_without_those_above) {
  for (const int layers : {2, 3}) SendLayers(test::DriverOf("AMD_AMF"), "AV1", layers);
}

std::vector<Mode> ModesOf(const sora::CodecEngines& engines, const std::string& codec) {
  for (const auto& format : engines.Encoded())
    if (format.name == codec) return {format.scalability_modes.begin(), format.scalability_modes.end()};
  test::Fail(__FILE__, __LINE__, codec + " is not offered");
}

TEST(temporal_layers_are_offered_where_the_device_and_a_second_engine_have_them) {
  const std::vector<Mode> one{Mode::kL1T1}, two{Mode::kL1T1, Mode::kL1T2}, three{Mode::kL1T1, Mode::kL1T2, Mode::kL1T3};
  for (const auto& driver : test::Drivers()) {
    for (const int most : {1, 2, 3}) {
      driver.Reset();
      driver.Set("layers", most);
      {
        const auto& has = most == 1 ? one : most == 2 ? two : three;
        const auto engines = test::Engines({"H264", driver.engine, ""});
        REQUIRE(ModesOf(engines, "H264") == has);
        test::Failures failures;
        if (has.size() < 3) REQUIRE(LayeredSender(engines, "H264", static_cast<int>(has.size()) + 1, failures).Init() != 0);
        // The library's own AV1 has three; NVIDIA's interface has layers for H264 alone.
        const auto& av1 = std::string(driver.name) == "NvCodec" ? one : has;
        REQUIRE(ModesOf(test::Engines({"AV1", driver.engine, "", "INTERNAL", ""}), "AV1") == av1);
        REQUIRE(ModesOf(test::Engines({"AV1", "INTERNAL", "", driver.engine, ""}), "AV1") == av1);
        REQUIRE(ModesOf(test::Engines({"H265", driver.engine, ""}), "H265") == one);
      }
    }
    driver.Reset();
  }
}

void SendOutOfTurn(const test::Driver& driver, const std::string& codec) {
  driver.Reset();
  driver.Set("out_of_turn", 1);
  {
    const auto engines = test::Engines({codec, driver.engine, codec == "H264" ? driver.engine : "INTERNAL"});
    test::Failures failures;
    LayeredSender sends(engines, codec, 3, failures);
    REQUIRE_EQ(sends.Init(), 0);
    for (int i = 0; i < 10; ++i) sends.Next(false);
    // The frame that gave it away is not sent, and what follows has one layer.
    REQUIRE_EQ(sends.dropped, 1);
    REQUIRE_EQ(sends.frames.size(), 9u);
    REQUIRE_EQ(sends.Allocated(), 1u);
    int keys = 0;
    for (const auto& frame : sends.frames) {
      keys += frame.image._frameType == webrtc::VideoFrameType::kVideoFrameKey;
      if (frame.number > 1) REQUIRE(!frame.image.TemporalIndex());
    }
    // NVIDIA's first frame is out of turn, which is a key frame; VPL's second one.
    REQUIRE_EQ(keys, std::string(driver.name) == "libvpl" ? 2 : 1);
    DecodeUpTo(engines, codec, sends.frames, 0);
    REQUIRE_EQ(failures.texts.size(), 0u);
  }
  driver.Reset();
}

TEST(temporal_layers_that_come_out_of_turn_are_given_up_and_frames_go_on) {
  SendOutOfTurn(test::Drivers()[0], "H264");
  SendOutOfTurn(test::Drivers()[1], "H264");
  SendOutOfTurn(test::Drivers()[1], "AV1");
}

TEST(TemporalIdOf_reads_the_prefix_of_H264_and_the_extension_of_AV1) {
  using Bytes = std::vector<uint8_t>;
  const auto h264 = webrtc::kVideoCodecH264, av1 = webrtc::kVideoCodecAV1;
  // A prefix (14) with svc_extension_flag, and temporal_id 2 in the third byte behind it; then a slice.
  REQUIRE_EQ(sora::TemporalIdOf(h264, Bytes{0, 0, 0, 1, 0x6e, 0x80, 0x80, 0x47, 0, 0, 1, 0x61, 1, 2, 3, 4}), 2);
  REQUIRE_EQ(sora::TemporalIdOf(h264, Bytes{0, 0, 0, 1, 0x61, 1, 2, 3, 4, 5}), -1);
  // A temporal delimiter (2), then a frame (6) with an extension whose temporal_id is 1.
  REQUIRE_EQ(sora::TemporalIdOf(av1, Bytes{0x12, 0x00, 0x36, 0x20, 0x01, 0x00}), 1);
  REQUIRE_EQ(sora::TemporalIdOf(av1, Bytes{0x12, 0x00, 0x32, 0x01, 0x00}), -1);
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    // In memory of its own, whose end AddressSanitizer knows.
    Bytes bytes(random() % 24);
    for (auto& byte : bytes) byte = static_cast<uint8_t>(random() % 5 ? random() : random() % 2);
    for (const auto codec : {h264, av1}) {
      const int id = sora::TemporalIdOf(codec, bytes);
      REQUIRE(id >= -1 && id <= 7);
    }
  }
}

}  // namespace
