// H.264 (constrained baseline) by OpenH264.
#ifndef SORA_CODECS_OPENH264_ENCODER_H
#define SORA_CODECS_OPENH264_ENCODER_H

#include <memory>
#include <vector>

#include "api/video_codecs/sdp_video_format.h"
#include "api/video_codecs/video_encoder.h"
#include "codecs/openh264/library.h"
#include "common_video/h264/h264_bitstream_parser.h"
#include "modules/video_coding/codecs/h264/include/h264_globals.h"

namespace sora {

class OpenH264Encoder : public webrtc::VideoEncoder {
 public:
  OpenH264Encoder(std::shared_ptr<OpenH264Library> library, const webrtc::SdpVideoFormat& format);
  ~OpenH264Encoder() override { Release(); }

  int InitEncode(const webrtc::VideoCodec* codec, const Settings& settings) override;
  int32_t RegisterEncodeCompleteCallback(webrtc::EncodedImageCallback* callback) override;
  int32_t Release() override;
  int32_t Encode(const webrtc::VideoFrame& frame, const std::vector<webrtc::VideoFrameType>* frame_types) override;
  void SetRates(const RateControlParameters& parameters) override;
  EncoderInfo GetEncoderInfo() const override;

 private:
  const std::shared_ptr<OpenH264Library> library_;
  const webrtc::H264PacketizationMode packetization_mode_;
  ISVCEncoder* encoder_ = nullptr;
  int width_ = 0, height_ = 0;
  bool paused_ = false;
  bool key_wanted_ = false;
  std::vector<uint8_t> frame_;
  webrtc::H264BitstreamParser parser_;
  webrtc::EncodedImageCallback* callback_ = nullptr;
};

}  // namespace sora

#endif
