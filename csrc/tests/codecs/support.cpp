#include "support.h"

#include <dirent.h>
#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "api/video/video_bitrate_allocation.h"
#include "codecs/internal/dav1d_decoder.h"
#include "codecs/internal/engine.h"
#include "codecs/internal/libaom_decoder.h"
#include "codecs/openh264/engine.h"

namespace test {
namespace {

// The files of a folder whose names begin with a prefix.
std::vector<std::string> Files(const std::string& folder, const std::string& prefix) {
  std::vector<std::string> files;
  DIR* directory = opendir(folder.c_str());
  if (!directory) return files;
  while (const dirent* entry = readdir(directory))
    if (std::string(entry->d_name).rfind(prefix, 0) == 0) files.push_back(folder + "/" + entry->d_name);
  closedir(directory);
  return files;
}

}  // namespace

webrtc::SdpVideoFormat Implementation::Format() const {
  for (auto& format : engine->EncoderFormats())
    if (format.name == codec && (profile.empty() || format.parameters.at("profile-id") == profile)) return format;
  test::Fail(__FILE__, __LINE__, codec + " is not offered");
}

std::unique_ptr<webrtc::VideoEncoder> Implementation::CreateEncoder() const { return engine->CreateEncoder(Format()); }

std::unique_ptr<webrtc::VideoDecoder> Implementation::CreateDecoder() const {
  if (decoder == "libaom") return sora::CreateLibaomDecoder();
  return engine->CreateDecoder(Format());
}

std::vector<Implementation> ImplementationsOf(const std::string& codec) {
  static const std::shared_ptr<sora::CodecEngine> internal = sora::CreateInternalEngine();
  if (codec == "H264") {
    std::vector<std::string> paths = Files(".deps/openh264", "libopenh264.so.");
    paths.push_back(SORA_TEST_LIBRARIES "/libopenh264.so.8");
    std::vector<Implementation> found;
    for (const auto& path : paths) {
      // Loaded until the end: with threads it makes a lock that it keeps while it is loaded, which is no leak.
      REQUIRE(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr);
      found.push_back({codec, "OpenH264", sora::CreateOpenH264Engine(path)});
    }
    return found;
  }
  if (codec == "AV1") {
    // The library opens dav1d by name, which finds the one that is already loaded.
    static void* const dav1d = dlopen(SORA_TEST_LIBRARIES "/libdav1d.so.7", RTLD_NOW | RTLD_LOCAL);
    REQUIRE(dav1d != nullptr);
    return {{codec, "libaom", internal}, {codec, "dav1d", internal}};
  }
  return {{codec, "libvpx", internal}};
}

int Count(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  const int number = text ? std::atoi(text) : 0;
  return number > 0 ? number : otherwise;
}

int Threads() { return static_cast<int>(Files("/proc/self/task", "").size()) - 2; }  // without "." and ".."

size_t PeakBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmHWM:", 0) == 0) return static_cast<size_t>(std::stoull(line.substr(6))) * 1024;
  Fail(__FILE__, __LINE__, "/proc/self/status does not tell the most memory");
}

void ForgetPeak() {
  std::ofstream references("/proc/self/clear_refs");
  references << "5" << std::flush;  // proc(5)
  REQUIRE(references.good());
}

webrtc::EncodedImage KeyFrame(const std::vector<uint8_t>& bytes) {
  webrtc::EncodedImage image;
  image._frameType = webrtc::VideoFrameType::kVideoFrameKey;
  image.SetEncodedData(webrtc::EncodedImageBuffer::Create(bytes.data(), bytes.size()));
  return image;
}

webrtc::VideoFrame MovingFrame(int width, int height, int number) {
  const auto buffer = webrtc::I420Buffer::Create(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const int stripes = static_cast<int>(40 * std::sin((x + 3 * number) * 0.09) + 40 * std::cos((y - number) * 0.07));
      const int square = (x - 4 * number) % width < width / 6 && y % height > height / 2 ? 50 : 0;
      buffer->MutableDataY()[y * buffer->StrideY() + x] = static_cast<uint8_t>(std::clamp(110 + stripes + square, 16, 235));
    }
  for (int y = 0; y < (height + 1) / 2; ++y)
    for (int x = 0; x < (width + 1) / 2; ++x) {
      buffer->MutableDataU()[y * buffer->StrideU() + x] = static_cast<uint8_t>(100 + (x + number) % 40);
      buffer->MutableDataV()[y * buffer->StrideV() + x] = static_cast<uint8_t>(110 + (y + 2 * number) % 40);
    }
  return webrtc::VideoFrame::Builder()
      .set_video_frame_buffer(buffer)
      .set_timestamp_rtp(static_cast<uint32_t>(number + 1) * 3000)
      .set_timestamp_us(static_cast<int64_t>(number + 1) * 33'333)
      .build();
}

webrtc::VideoFrame NoisyFrame(int width, int height, int number, int levels) {
  webrtc::VideoFrame frame = MovingFrame(width, height, number);
  const auto buffer = webrtc::I420Buffer::Copy(*frame.video_frame_buffer()->ToI420());
  auto state = static_cast<uint32_t>(number);
  for (int i = 0; i < height * buffer->StrideY(); ++i) {
    state = state * 1'664'525 + 1'013'904'223;  // the generator of Numerical Recipes; the upper bits are the good ones
    const int noise = static_cast<int>((state >> 16) % static_cast<uint32_t>(2 * levels + 1)) - levels;
    buffer->MutableDataY()[i] = static_cast<uint8_t>(std::clamp(buffer->DataY()[i] + noise, 16, 235));
  }
  frame.set_video_frame_buffer(buffer);
  return frame;
}

double Psnr(const webrtc::VideoFrame& a, const webrtc::VideoFrame& b) {
  const auto left = a.video_frame_buffer()->ToI420(), right = b.video_frame_buffer()->ToI420();
  REQUIRE_EQ(left->width(), right->width());
  REQUIRE_EQ(left->height(), right->height());
  double sum = 0;
  for (int y = 0; y < left->height(); ++y)
    for (int x = 0; x < left->width(); ++x) {
      const int difference = left->DataY()[y * left->StrideY() + x] - right->DataY()[y * right->StrideY() + x];
      sum += difference * difference;
    }
  return sum == 0 ? 100 : 10 * std::log10(255.0 * 255.0 * left->width() * left->height() / sum);
}

webrtc::VideoCodec Codec(const std::string& name, int width, int height, unsigned kbps) {
  webrtc::VideoCodec codec;
  codec.codecType = webrtc::PayloadStringToCodecType(name);
  codec.width = static_cast<uint16_t>(width);
  codec.height = static_cast<uint16_t>(height);
  codec.startBitrate = codec.maxBitrate = kbps;
  codec.minBitrate = 30;
  codec.maxFramerate = 30;
  codec.qpMax = 56;
  codec.active = true;
  codec.mode = webrtc::VideoCodecMode::kRealtimeVideo;
  codec.SetFrameDropEnabled(false);
  codec.SetScalabilityMode(webrtc::ScalabilityMode::kL1T1);
  switch (codec.codecType) {
    case webrtc::kVideoCodecVP8:
      *codec.VP8() = webrtc::VideoEncoder::GetDefaultVp8Settings();
      codec.VP8()->numberOfTemporalLayers = 1;
      break;
    case webrtc::kVideoCodecVP9:
      *codec.VP9() = webrtc::VideoEncoder::GetDefaultVp9Settings();
      codec.VP9()->numberOfSpatialLayers = 1;
      codec.VP9()->numberOfTemporalLayers = 1;
      break;
    case webrtc::kVideoCodecH264:
      *codec.H264() = webrtc::VideoEncoder::GetDefaultH264Settings();
      codec.H264()->numberOfTemporalLayers = 1;
      codec.qpMax = 51;
      break;
    default: break;
  }
  auto& layer = codec.simulcastStream[0];
  layer.width = codec.width;
  layer.height = codec.height;
  layer.maxFramerate = 30;
  layer.numberOfTemporalLayers = 1;
  layer.minBitrate = 30;
  layer.targetBitrate = layer.maxBitrate = kbps;
  layer.qpMax = codec.qpMax;
  layer.active = true;
  return codec;
}

webrtc::VideoEncoder::Settings EncoderSettings(int cores) {
  return {webrtc::VideoEncoder::Capabilities(/*loss_notification=*/false), cores, /*max_payload_size=*/1200};
}

webrtc::EncodedImageCallback::Result Encoded::OnEncodedImage(const webrtc::EncodedImage& image,
                                                             const webrtc::CodecSpecificInfo*) {
  images.push_back(image);
  return Result(Result::OK, image.RtpTimestamp());
}

int32_t DecodedFrames::Decoded(webrtc::VideoFrame& frame) {
  ++count;
  last = std::make_unique<webrtc::VideoFrame>(frame);
  return 0;
}

Encoder::Encoder(const Implementation& implementation, int width, int height, unsigned kbps, int cores)
    : codec_(implementation.codec), cores_(cores), encoder_(implementation.CreateEncoder()) {
  REQUIRE(encoder_ != nullptr);
  Start(width, height, kbps);
}

void Encoder::Start(int width, int height, unsigned kbps) {
  width_ = width;
  height_ = height;
  const webrtc::VideoCodec codec = Codec(codec_, width, height, kbps);
  REQUIRE_EQ(encoder_->InitEncode(&codec, EncoderSettings(cores_)), 0);
  REQUIRE_EQ(encoder_->RegisterEncodeCompleteCallback(&encoded), 0);
  SetRate(kbps);
}

void Encoder::SetRate(unsigned kbps) {
  webrtc::VideoBitrateAllocation bitrate;
  bitrate.SetBitrate(0, 0, kbps * 1000);
  encoder_->SetRates(webrtc::VideoEncoder::RateControlParameters(bitrate, 30));
}

void Encoder::Next(bool key) {
  const std::vector<webrtc::VideoFrameType> types{key ? webrtc::VideoFrameType::kVideoFrameKey
                                                      : webrtc::VideoFrameType::kVideoFrameDelta};
  const auto source = noise ? NoisyFrame(width_, height_, number, noise) : MovingFrame(width_, height_, number);
  ++number;
  REQUIRE_EQ(encoder_->Encode(source, &types), 0);
}

std::unique_ptr<webrtc::VideoDecoder> StartDecoder(const Implementation& implementation, DecodedFrames& decoded) {
  auto decoder = implementation.CreateDecoder();
  REQUIRE(decoder != nullptr);
  REQUIRE_EQ(std::string(decoder->GetDecoderInfo().implementation_name), implementation.decoder);
  webrtc::VideoDecoder::Settings settings;
  settings.set_codec_type(webrtc::PayloadStringToCodecType(implementation.codec));
  settings.set_number_of_cores(2);
  settings.set_max_render_resolution({320, 240});
  REQUIRE(decoder->Configure(settings));
  REQUIRE_EQ(decoder->RegisterDecodeCompleteCallback(&decoded), 0);
  return decoder;
}

}  // namespace test
