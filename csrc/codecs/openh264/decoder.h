// H.264 decoding by OpenH264.
#ifndef SORA_CODECS_OPENH264_DECODER_H
#define SORA_CODECS_OPENH264_DECODER_H

#include <memory>

#include "codecs/key_frame_decoder.h"
#include "codecs/openh264/library.h"
#include "common_video/h264/h264_bitstream_parser.h"
#include "common_video/include/video_frame_buffer_pool.h"

namespace sora {

class OpenH264Decoder : public KeyFrameDecoder {
 public:
  explicit OpenH264Decoder(std::shared_ptr<OpenH264Library> library) : library_(std::move(library)) {}
  ~OpenH264Decoder() override { Release(); }

  bool Configure(const Settings& settings) override;
  int32_t Release() override;
  DecoderInfo GetDecoderInfo() const override { return {"OpenH264", false}; }

 private:
  bool Open() override;
  bool IsOpen() const override { return decoder_ != nullptr; }
  // A sender may omit parameter sets that it has sent before.
  bool StandsAlone(const webrtc::EncodedImage& image) const override;
  int32_t DecodeFrame(const webrtc::EncodedImage& image) override;
  void Close();

  const std::shared_ptr<OpenH264Library> library_;
  ISVCDecoder* decoder_ = nullptr;
  webrtc::VideoFrameBufferPool pool_{false, 150};
  webrtc::H264BitstreamParser parser_;
};

}  // namespace sora

#endif
