// One codec by one implementation, as the library makes it, over a file: what bench/ compares with the codec's own command-line
// tool. Both read and write files, and both are measured in the same way, from outside, as whole processes:
//
//   sora_ffi_codecs encode CODEC WIDTH HEIGHT KBPS IN.yuv OUT.ivf    I420 frames, 30 per second
//   sora_ffi_codecs decode CODEC IMPLEMENTATION IN.ivf               prints the number of frames
//   sora_ffi_codecs cpu COMMAND...                                   runs a command, prints the milliseconds of processor time
//
// Ends with status 2 and a message when something is wrong.
#include <dlfcn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "api/video/i420_buffer.h"
#include "api/video/video_bitrate_allocation.h"
#include "codecs/internal/engine.h"
#include "codecs/internal/libaom_decoder.h"
#include "tests/codecs/support.h"

namespace {

constexpr size_t kFileHeader = 32, kFrameHeader = 12;

[[noreturn]] void Fail(const std::string& reason) {
  std::fprintf(stderr, "%s\n", reason.c_str());
  std::exit(2);
}

using File = std::unique_ptr<FILE, int (*)(FILE*)>;

File Open(const char* path, const char* mode) {
  File file(std::fopen(path, mode), std::fclose);
  if (!file) Fail(std::string(path) + ": " + std::strerror(errno));
  return file;
}

void Put(uint8_t* to, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to[i] = static_cast<uint8_t>(value >> (8 * i));
}

// Writes the IVF container, as the tools do.
class IvfWriter : public webrtc::EncodedImageCallback {
 public:
  IvfWriter(const char* path, const char* fourcc, int width, int height) : file_(Open(path, "wb")) {
    uint8_t header[kFileHeader] = {'D', 'K', 'I', 'F'};
    Put(header + 6, kFileHeader, 2);
    std::memcpy(header + 8, fourcc, 4);
    Put(header + 12, static_cast<uint64_t>(width), 2);
    Put(header + 14, static_cast<uint64_t>(height), 2);
    Put(header + 16, 30, 4);
    Put(header + 20, 1, 4);
    Write(header, sizeof(header));
  }

  Result OnEncodedImage(const webrtc::EncodedImage& image, const webrtc::CodecSpecificInfo*) override {
    uint8_t header[kFrameHeader] = {};
    Put(header, image.size(), 4);
    Put(header + 4, count_++, 8);
    Write(header, sizeof(header));
    Write(image.data(), image.size());
    return Result(Result::OK, image.RtpTimestamp());
  }

 private:
  void Write(const uint8_t* bytes, size_t size) {
    if (std::fwrite(bytes, 1, size, file_.get()) != size) Fail("the disk is full");
  }

  File file_;
  uint64_t count_ = 0;
};

int Encode(const std::string& codec, int width, int height, unsigned kbps, const char* from, const char* to) {
  const auto engine = sora::CreateInternalEngine();
  std::unique_ptr<webrtc::VideoEncoder> encoder;
  for (const auto& format : engine->EncoderFormats())
    if (!encoder && format.name == codec) encoder = engine->CreateEncoder(format);
  if (!encoder) Fail("nothing here encodes " + codec);
  webrtc::VideoCodec settings = test::Codec(codec, width, height, kbps);
  if (codec == "VP8") settings.VP8()->denoisingOn = false;
  if (codec == "VP9") settings.VP9()->denoisingOn = false;
  if (encoder->InitEncode(&settings, test::EncoderSettings()) != 0) Fail("the encoder does not start");
  IvfWriter writer(to, codec == "VP8" ? "VP80" : codec == "VP9" ? "VP90" : "AV01", width, height);
  encoder->RegisterEncodeCompleteCallback(&writer);
  webrtc::VideoBitrateAllocation bitrate;
  bitrate.SetBitrate(0, 0, kbps * 1000);
  encoder->SetRates(webrtc::VideoEncoder::RateControlParameters(bitrate, 30));
  const File file = Open(from, "rb");
  const auto buffer = webrtc::I420Buffer::Create(width, height);
  const auto luma = static_cast<size_t>(width * height), chroma = static_cast<size_t>((width + 1) / 2 * ((height + 1) / 2));
  int number = 0;
  while (std::fread(buffer->MutableDataY(), 1, luma, file.get()) == luma &&
         std::fread(buffer->MutableDataU(), 1, chroma, file.get()) == chroma &&
         std::fread(buffer->MutableDataV(), 1, chroma, file.get()) == chroma) {
    const std::vector<webrtc::VideoFrameType> types{number == 0 ? webrtc::VideoFrameType::kVideoFrameKey
                                                                : webrtc::VideoFrameType::kVideoFrameDelta};
    const auto frame = webrtc::VideoFrame::Builder()
                           .set_video_frame_buffer(buffer)
                           .set_timestamp_rtp(static_cast<uint32_t>(number + 1) * 3000)
                           .set_timestamp_us(static_cast<int64_t>(number + 1) * 33'333)
                           .build();
    if (encoder->Encode(frame, &types) != 0) Fail("frame " + std::to_string(number) + " could not be encoded");
    ++number;
  }
  encoder->Release();
  std::printf("%d\n", number);
  return 0;
}

int Decode(const std::string& codec, const std::string& implementation, const char* from) {
  if (implementation == "dav1d" && !dlopen(SORA_TEST_LIBRARIES "/libdav1d.so.7", RTLD_NOW)) Fail(dlerror());
  const auto engine = sora::CreateInternalEngine();
  std::unique_ptr<webrtc::VideoDecoder> decoder;
  if (implementation == "libaom") decoder = sora::CreateLibaomDecoder();
  for (const auto& format : engine->DecoderFormats())
    if (!decoder && format.name == codec) decoder = engine->CreateDecoder(format);
  if (!decoder || decoder->GetDecoderInfo().implementation_name != implementation)
    Fail(implementation + " does not decode " + codec + " here");
  webrtc::VideoDecoder::Settings settings;
  settings.set_codec_type(webrtc::PayloadStringToCodecType(codec));
  settings.set_number_of_cores(2);
  settings.set_max_render_resolution({1280, 720});
  if (!decoder->Configure(settings)) Fail("the decoder does not start");
  test::DecodedFrames decoded;
  decoder->RegisterDecodeCompleteCallback(&decoded);
  const File file = Open(from, "rb");
  uint8_t header[kFileHeader];
  if (std::fread(header, 1, kFileHeader, file.get()) != kFileHeader) Fail("the file has no header");
  std::vector<uint8_t> bytes;
  for (bool key = true; std::fread(header, 1, kFrameHeader, file.get()) == kFrameHeader; key = false) {
    bytes.resize(header[0] | header[1] << 8 | header[2] << 16 | static_cast<size_t>(header[3]) << 24);
    if (std::fread(bytes.data(), 1, bytes.size(), file.get()) != bytes.size()) Fail("the file is cut off");
    webrtc::EncodedImage image;
    image.SetEncodedData(webrtc::EncodedImageBuffer::Create(bytes.data(), bytes.size()));
    image._frameType = key ? webrtc::VideoFrameType::kVideoFrameKey : webrtc::VideoFrameType::kVideoFrameDelta;
    if (decoder->Decode(image, 0) != 0) Fail("a frame could not be decoded");
  }
  std::printf("%d\n", decoded.count);
  return 0;
}

int Cpu(char** command) {
  const pid_t child = fork();
  if (child == 0) {
    std::freopen("/dev/null", "w", stdout);
    execv(command[0], command);
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
    Fail(std::string(command[0]) + " ended with status " + std::to_string(status));
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  std::printf("%.3f\n", ms(usage.ru_utime) + ms(usage.ru_stime));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "encode" && argc == 8)
    return Encode(argv[2], std::atoi(argv[3]), std::atoi(argv[4]), static_cast<unsigned>(std::atoi(argv[5])), argv[6],
                  argv[7]);
  if (mode == "decode" && argc == 5) return Decode(argv[2], argv[3], argv[4]);
  if (mode == "cpu" && argc > 2) return Cpu(argv + 2);
  Fail("usage: encode CODEC WIDTH HEIGHT KBPS IN.yuv OUT.ivf | decode CODEC IMPLEMENTATION IN.ivf | cpu COMMAND...");
}
