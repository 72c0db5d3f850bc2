// AV1's temporal layers: their numbers, the contents of the dependency descriptor, and that lower layers decode on their own.
#include <cstdio>
#include <map>
#include <set>

#include "api/video/video_bitrate_allocation.h"
#include "modules/video_coding/include/video_codec_interface.h"
#include "support.h"

namespace {

constexpr int kWidth = 320, kHeight = 240, kFrames = 32;

struct Layered {
  webrtc::EncodedImage image;
  webrtc::CodecSpecificInfo info;
};

class Layers : public webrtc::EncodedImageCallback {
 public:
  Result OnEncodedImage(const webrtc::EncodedImage& image, const webrtc::CodecSpecificInfo* info) override {
    REQUIRE(info != nullptr);
    frames.push_back({image, *info});
    return Result(Result::OK, image.RtpTimestamp());
  }
  void OnDroppedFrame(DropReason) override { ++dropped; }

  std::vector<Layered> frames;
  int dropped = 0;
};

webrtc::VideoEncoder::RateControlParameters Rates(size_t layers, unsigned kbps, double fps) {
  webrtc::VideoBitrateAllocation bitrate;
  for (size_t t = 0; t < layers; ++t) bitrate.SetBitrate(0, t, kbps * 1000 / static_cast<unsigned>(layers));
  return {bitrate, fps};
}

std::unique_ptr<webrtc::VideoEncoder> Start(webrtc::ScalabilityMode mode, size_t layers, unsigned kbps, Layers& encoded,
                                            bool may_drop = false) {
  const auto implementation = test::ImplementationsOf("AV1").front();
  auto encoder = implementation.CreateEncoder();
  webrtc::VideoCodec codec = test::Codec("AV1", kWidth, kHeight, kbps);
  codec.SetScalabilityMode(mode);
  codec.SetFrameDropEnabled(may_drop);
  codec.simulcastStream[0].numberOfTemporalLayers = static_cast<unsigned char>(layers);
  REQUIRE_EQ(encoder->InitEncode(&codec, test::EncoderSettings()), 0);
  REQUIRE_EQ(encoder->RegisterEncodeCompleteCallback(&encoded), 0);
  encoder->SetRates(Rates(layers, kbps, 30));
  return encoder;
}

void Encode(webrtc::VideoEncoder& encoder, int number, bool key = false) {
  const std::vector<webrtc::VideoFrameType> types{key ? webrtc::VideoFrameType::kVideoFrameKey
                                                      : webrtc::VideoFrameType::kVideoFrameDelta};
  REQUIRE_EQ(encoder.Encode(test::MovingFrame(kWidth, kHeight, number), &types), 0);
}

void EncodeLayers(webrtc::ScalabilityMode mode, size_t layers) {
  Layers encoded;
  const auto encoder = Start(mode, layers, 900, encoded);
  // A key frame in the middle restarts the pattern.
  for (int number = 0; number < kFrames; ++number) Encode(*encoder, number, number == 0 || number == 17);
  REQUIRE_EQ(encoded.frames.size(), static_cast<size_t>(kFrames));

  std::set<int> seen;
  for (size_t i = 0; i < encoded.frames.size(); ++i) {
    const auto& [image, info] = encoded.frames[i];
    const bool key = i == 0 || i == 17;
    REQUIRE_EQ(image._frameType == webrtc::VideoFrameType::kVideoFrameKey, key);
    REQUIRE(image.qp_ >= 0 && image.qp_ <= 255);
    REQUIRE(info.codecType == webrtc::kVideoCodecAV1);
    REQUIRE(info.end_of_picture);
    REQUIRE(info.generic_frame_info.has_value());
    const int layer = info.generic_frame_info->temporal_id;
    seen.insert(layer);
    REQUIRE(layer >= 0 && layer < static_cast<int>(layers));
    if (layers > 1) REQUIRE_EQ(image.TemporalIndex().value_or(-1), layer);
    if (key) REQUIRE_EQ(layer, 0);
    REQUIRE_EQ(info.template_structure.has_value(), key);
    if (!key) continue;
    REQUIRE_EQ(info.template_structure->resolutions.size(), 1u);
    REQUIRE_EQ(info.template_structure->resolutions[0].Width(), kWidth);
    REQUIRE_EQ(info.template_structure->num_decode_targets, static_cast<int>(layers));
  }
  REQUIRE_EQ(seen.size(), layers);

  // Each set of layers from the lowest up can be decoded without those above it.
  for (const auto& implementation : test::ImplementationsOf("AV1"))
    for (size_t highest = 0; highest < layers; ++highest) {
      test::DecodedFrames decoded;
      const auto decoder = test::StartDecoder(implementation, decoded);
      for (size_t i = 0; i < encoded.frames.size(); ++i) {
        const auto& [image, info] = encoded.frames[i];
        if (info.generic_frame_info->temporal_id > static_cast<int>(highest)) continue;
        decoded.count = 0;
        REQUIRE_EQ(decoder->Decode(image, 0), 0);
        REQUIRE_EQ(decoded.count, 1);
        const double psnr = test::Psnr(*decoded.last, test::MovingFrame(kWidth, kHeight, static_cast<int>(i)));
        if (psnr < 30)
          test::Fail(__FILE__, __LINE__,
                     "frame " + std::to_string(i) + " up to layer " + std::to_string(highest) + " by " +
                         implementation.decoder + ": " + std::to_string(psnr) + " dB");
      }
    }
}

TEST(AV1_L1T1_describes_its_frames) { EncodeLayers(webrtc::ScalabilityMode::kL1T1, 1); }
TEST(AV1_L1T2_has_a_base_that_stands_alone) { EncodeLayers(webrtc::ScalabilityMode::kL1T2, 2); }
TEST(AV1_L1T3_has_a_base_that_stands_alone) { EncodeLayers(webrtc::ScalabilityMode::kL1T3, 3); }

// The decoded frames up to a layer, by number.
std::map<size_t, webrtc::VideoFrame> DecodeUpTo(size_t highest, const std::vector<Layered>& frames,
                                                const test::Implementation& implementation) {
  test::DecodedFrames decoded;
  const auto decoder = test::StartDecoder(implementation, decoded);
  std::map<size_t, webrtc::VideoFrame> shown;
  for (size_t i = 0; i < frames.size(); ++i) {
    if (frames[i].info.generic_frame_info->temporal_id > static_cast<int>(highest)) continue;
    decoded.count = 0;
    REQUIRE_EQ(decoder->Decode(frames[i].image, 0), 0);
    REQUIRE_EQ(decoded.count, 1);
    shown.emplace(i, *decoded.last);
  }
  return shown;
}

// Noise at a rate too low for it: frames that libaom drops leave no hole in the pattern of the layers.
void DropInLayers(webrtc::ScalabilityMode mode, size_t layers) {
  constexpr int kNoisyFrames = 120;
  Layers encoded;
  const auto encoder = Start(mode, layers, 100, encoded, /*may_drop=*/true);
  for (int number = 0; number < kNoisyFrames; ++number)
    REQUIRE_EQ(encoder->Encode(test::NoisyFrame(kWidth, kHeight, number, 64), nullptr), 0);
  const auto& frames = encoded.frames;
  REQUIRE(encoded.dropped > 0);
  REQUIRE_EQ(static_cast<int>(frames.size()) + encoded.dropped, kNoisyFrames);
  std::set<int> seen;
  for (size_t i = 0; i < frames.size(); ++i) {
    const auto& [image, info] = frames[i];
    const auto& described = *info.generic_frame_info;
    seen.insert(described.temporal_id);
    REQUIRE_EQ(image.TemporalIndex().value_or(-1), described.temporal_id);
    // The frames that a frame depends on were delivered, and are of no higher layer.
    for (const int difference : described.frame_diffs) {
      REQUIRE(difference >= 1 && difference <= static_cast<int>(i));
      const auto& needed = *frames[i - static_cast<size_t>(difference)].info.generic_frame_info;
      REQUIRE(needed.temporal_id <= described.temporal_id);
    }
  }
  REQUIRE_EQ(seen.size(), layers);
  // Each decoded frame is bit-exact with and without the layers above it.
  for (const auto& implementation : test::ImplementationsOf("AV1")) {
    const auto all = DecodeUpTo(layers - 1, frames, implementation);
    REQUIRE_EQ(all.size(), frames.size());
    for (size_t highest = 0; highest + 1 < layers; ++highest)
      for (const auto& [i, frame] : DecodeUpTo(highest, frames, implementation))
        REQUIRE_EQ(test::Psnr(frame, all.at(i)), 100.0);
  }
}

TEST(AV1_L1T2_drops_what_does_not_fit_and_keeps_its_layers) { DropInLayers(webrtc::ScalabilityMode::kL1T2, 2); }
TEST(AV1_L1T3_drops_what_does_not_fit_and_keeps_its_layers) { DropInLayers(webrtc::ScalabilityMode::kL1T3, 3); }

// The mean quantizer and the bytes per frame over a second.
struct Second {
  double qp, bytes;
};

Second OneSecond(webrtc::VideoEncoder& encoder, Layers& encoded, int& number, size_t layers, unsigned kbps, int fps) {
  encoder.SetRates(Rates(layers, kbps, fps));
  for (int i = 0; i < 2 * fps; ++i) Encode(encoder, number++);  // settles
  encoded.frames.clear();
  for (int i = 0; i < 2 * fps; ++i) Encode(encoder, number++);
  Second second{0, 0};
  const auto count = static_cast<double>(encoded.frames.size());
  for (const auto& [image, info] : encoded.frames) {
    second.qp += image.qp_ / count;
    second.bytes += static_cast<double>(image.size()) / count;
  }
  return second;
}

TEST(AV1_quantizer_and_size_follow_bit_rate_and_frame_rate) {
  constexpr size_t kLayers = 3;
  Layers encoded;
  const auto encoder = Start(webrtc::ScalabilityMode::kL1T3, kLayers, 400, encoded);
  int number = 0;
  Encode(*encoder, number++, true);
  const Second low = OneSecond(*encoder, encoded, number, kLayers, 60, 30);
  const Second high = OneSecond(*encoder, encoded, number, kLayers, 300, 30);
  // Half the frames at the same rate: each may be twice as large.
  const Second slow = OneSecond(*encoder, encoded, number, kLayers, 60, 15);
  std::printf("60 kbps: qp %.0f, %.0f bytes; 300 kbps: qp %.0f, %.0f bytes; 60 kbps at 15: qp %.0f, %.0f bytes\n", low.qp,
              low.bytes, high.qp, high.bytes, slow.qp, slow.bytes);
  REQUIRE(high.qp < low.qp);
  REQUIRE(high.bytes > low.bytes);
  REQUIRE(slow.bytes > low.bytes * 3 / 2);
}

}  // namespace
