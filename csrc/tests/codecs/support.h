// What tests of the codecs share: every implementation that this machine can run, moving frames, and clips made of them.
#ifndef SORA_TESTS_CODECS_SUPPORT_H
#define SORA_TESTS_CODECS_SUPPORT_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../harness/harness.h"
#include "api/video/encoded_image.h"
#include "api/video/i420_buffer.h"
#include "api/video/video_frame.h"
#include "api/video_codecs/video_codec.h"
#include "api/video_codecs/video_decoder.h"
#include "api/video_codecs/video_encoder.h"
#include "codecs/engine.h"

namespace test {

// One codec by one implementation.
struct Implementation {
  std::string codec;    // "VP8", "VP9", "AV1" or "H264"
  std::string decoder;  // as in the statistics: "libvpx", "libaom", "dav1d" or "OpenH264"
  std::shared_ptr<sora::CodecEngine> engine;
  std::string profile{};  // "profile-id" of VP9; the first one when empty

  webrtc::SdpVideoFormat Format() const;
  std::unique_ptr<webrtc::VideoEncoder> CreateEncoder() const;
  std::unique_ptr<webrtc::VideoDecoder> CreateDecoder() const;
};

// Those of a codec: AV1 is decoded by libaom and by dav1d, H264 by each OpenH264 that the setup fetched.
std::vector<Implementation> ImplementationsOf(const std::string& codec);

// The number in an environment variable, or a default.
int Count(const char* variable, int otherwise);

// Threads of this process.
int Threads();

// The peak memory of this process since ForgetPeak(), in bytes.
size_t PeakBytes();
void ForgetPeak();

// A key frame of these bytes.
webrtc::EncodedImage KeyFrame(const std::vector<uint8_t>& bytes);

// A frame of a moving scene with some texture.
webrtc::VideoFrame MovingFrame(int width, int height, int number);

// The same with noise of up to this many levels, which cannot be predicted from the frame before.
webrtc::VideoFrame NoisyFrame(int width, int height, int number, int levels);

// Peak signal to noise ratio of the luma in dB, 100 when there is none.
double Psnr(const webrtc::VideoFrame& a, const webrtc::VideoFrame& b);

// Settings for one layer in real time.
webrtc::VideoCodec Codec(const std::string& name, int width, int height, unsigned kbps);
webrtc::VideoEncoder::Settings EncoderSettings(int cores = 2);

// Keeps what an encoder delivers.
class Encoded : public webrtc::EncodedImageCallback {
 public:
  Result OnEncodedImage(const webrtc::EncodedImage& image, const webrtc::CodecSpecificInfo* info) override;
  void OnDroppedFrame(DropReason) override { ++dropped; }

  std::vector<webrtc::EncodedImage> images;
  int dropped = 0;
};

// Keeps the last frame that a decoder delivers.
class DecodedFrames : public webrtc::DecodedImageCallback {
 public:
  int32_t Decoded(webrtc::VideoFrame& frame) override;
  void Decoded(webrtc::VideoFrame& frame, absl::optional<int32_t>, absl::optional<uint8_t>) override { Decoded(frame); }

  int count = 0;
  std::unique_ptr<webrtc::VideoFrame> last;
};

// A started encoder of one layer, with what it delivers.
class Encoder {
 public:
  Encoder(const Implementation& implementation, int width, int height, unsigned kbps, int cores = 2);

  // Restarts with another size.
  void Start(int width, int height, unsigned kbps);
  void SetRate(unsigned kbps);
  // Encodes the next frame; the result is in encoded.images.
  void Next(bool key = false);

  Encoded encoded;
  int number = 0;
  int noise = 0;  // levels of noise in each frame

 private:
  const std::string codec_;
  const int cores_;
  std::unique_ptr<webrtc::VideoEncoder> encoder_;
  int width_ = 0, height_ = 0;
};

std::unique_ptr<webrtc::VideoDecoder> StartDecoder(const Implementation& implementation, DecodedFrames& decoded);

}  // namespace test

#endif
