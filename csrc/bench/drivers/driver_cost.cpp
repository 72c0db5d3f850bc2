// The time that the engines over drivers add to each frame, on stand-ins whose codecs do nothing and whose own work is left out; and
// the time of libyuv's conversion and one copy, in turns with it. `sora_ffi_drivers WIDTH HEIGHT COUNT` prints two lines for each
// engine and direction, which begin with the engine, `encode` or `decode`, and `added` or `limit`: microseconds of each frame.
#include <libyuv.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../../tests/hardware/support.h"
#include "api/video/video_bitrate_allocation.h"

namespace {

constexpr int kWarmUp = 30;
// More than caches hold, as frames of a camera are.
constexpr int kFrames = 8;

double NowUs() {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Calls the first with each of `count` frames, in turns with the second, and prints the time of both.
template <typename Added, typename Limit>
void Compare(const test::Driver& driver, const char* direction, int count, Added added, Limit limit) {
  std::vector<double> times, limits;
  for (int i = 0; i < kWarmUp + count; ++i) {
    const int64_t work = driver.Get("work_ns");
    const double began = NowUs();
    added(i);
    const double took = NowUs() - began - static_cast<double>(driver.Get("work_ns") - work) / 1000;
    const double limit_began = NowUs();
    limit(i);
    const double limit_took = NowUs() - limit_began;
    if (i < kWarmUp) continue;
    times.push_back(took);
    limits.push_back(limit_took);
  }
  for (const auto& [name, values] : {std::pair{"added", &times}, std::pair{"limit", &limits}}) {
    std::printf("%s %s %s", driver.engine, direction, name);
    for (const double value : *values) std::printf(" %.1f", value);
    std::printf("\n");
  }
}

// A frame in NV12, as a driver has it.
struct Nv12 {
  Nv12(int width, int height) : width(width), y(static_cast<size_t>(width) * height), uv(y.size() / 2) {}
  int width;
  std::vector<uint8_t> y, uv;
};

class Sink : public webrtc::EncodedImageCallback {
 public:
  Result OnEncodedImage(const webrtc::EncodedImage& encoded, const webrtc::CodecSpecificInfo*) override {
    image = encoded;
    ++count;
    return Result(Result::OK, encoded.RtpTimestamp());
  }
  void OnDroppedFrame(DropReason) override {}

  webrtc::EncodedImage image;
  int count = 0;
};

class Shown : public webrtc::DecodedImageCallback {
 public:
  int32_t Decoded(webrtc::VideoFrame&) override { return ++count; }
  void Decoded(webrtc::VideoFrame&, absl::optional<int32_t>, absl::optional<uint8_t>) override { ++count; }

  int count = 0;
};

// Returns a coded frame, for the decoder.
webrtc::EncodedImage Encode(const test::Driver& driver, const sora::CodecEngines& engines, int width, int height, int count,
                            const std::vector<webrtc::VideoFrame>& frames) {
  test::Failures failures;
  const auto factory = engines.CreateEncoderFactory(failures.sink);
  const auto encoder = factory->CreateVideoEncoder(engines.Encoded().at(0));
  const webrtc::VideoCodec settings = test::Codec("H264", width, height, 2000);
  REQUIRE_EQ(encoder->InitEncode(&settings, test::EncoderSettings()), 0);
  Sink sink;
  encoder->RegisterEncodeCompleteCallback(&sink);
  webrtc::VideoBitrateAllocation bitrate;
  bitrate.SetBitrate(0, 0, 2'000'000);
  encoder->SetRates(webrtc::VideoEncoder::RateControlParameters(bitrate, 30));
  const std::vector<webrtc::VideoFrameType> types{webrtc::VideoFrameType::kVideoFrameDelta};
  Nv12 converted(width, height), copied(width, height);
  Compare(
      driver, "encode", count,
      [&](int i) { REQUIRE_EQ(encoder->Encode(frames[static_cast<size_t>(i % kFrames)], &types), 0); },
      [&](int i) {
        // Another frame: that one has just been read.
        const auto* const from = frames[static_cast<size_t>((i + kFrames / 2) % kFrames)].video_frame_buffer()->GetI420();
        libyuv::I420ToNV12(from->DataY(), from->StrideY(), from->DataU(), from->StrideU(), from->DataV(), from->StrideV(),
                           converted.y.data(), width, converted.uv.data(), width, width, height);
        libyuv::NV12Copy(converted.y.data(), width, converted.uv.data(), width, copied.y.data(), width, copied.uv.data(),
                         width, width, height);
      });
  REQUIRE_EQ(sink.count, kWarmUp + count);
  return sink.image;
}

void Decode(const test::Driver& driver, const sora::CodecEngines& engines, int width, int height, int count,
            webrtc::EncodedImage image) {
  test::Failures failures;
  const auto factory = engines.CreateDecoderFactory(failures.sink);
  const auto decoder = factory->CreateVideoDecoder(engines.Decoded().at(0));
  webrtc::VideoDecoder::Settings settings;
  settings.set_codec_type(webrtc::kVideoCodecH264);
  REQUIRE(decoder->Configure(settings));
  Shown shown;
  decoder->RegisterDecodeCompleteCallback(&shown);
  image._frameType = webrtc::VideoFrameType::kVideoFrameKey;
  const Nv12 decoded(width, height);
  std::vector<uint8_t> plane(decoded.y.size());
  const auto i420 = webrtc::I420Buffer::Create(width, height);
  Compare(
      driver, "decode", count, [&](int) { REQUIRE_EQ(decoder->Decode(image, 0), 0); },
      [&](int) {
        libyuv::CopyPlane(decoded.y.data(), width, plane.data(), width, width, height);
        libyuv::NV12ToI420(decoded.y.data(), width, decoded.uv.data(), width, i420->MutableDataY(), i420->StrideY(),
                           i420->MutableDataU(), i420->StrideU(), i420->MutableDataV(), i420->StrideV(), width, height);
      });
  REQUIRE_EQ(shown.count, kWarmUp + count);
}

}  // namespace

int main(int argc, char** argv) {
  const int width = argc > 3 ? std::atoi(argv[1]) : 0, height = argc > 3 ? std::atoi(argv[2]) : 0;
  const int count = argc > 3 ? std::atoi(argv[3]) : 0;
  if (width < 64 || height < 64 || width % 2 || height % 2 || count < 1) {
    std::fprintf(stderr, "usage: sora_ffi_drivers WIDTH HEIGHT COUNT\n");
    return 2;
  }
  try {
    std::vector<webrtc::VideoFrame> frames;
    for (int i = 0; i < kFrames; ++i) frames.push_back(test::MovingFrame(width, height, i));
    for (const auto& driver : test::Drivers()) {
      driver.Set("null", 1);
      const auto engines = test::Engines({"H264", driver.engine, driver.engine});
      const auto image = Encode(driver, engines, width, height, count, frames);
      Decode(driver, engines, width, height, count, image);
    }
  } catch (const test::Failure& failure) {
    std::fprintf(stderr, "%s\n", failure.reason.c_str());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
