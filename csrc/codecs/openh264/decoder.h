// H.264 decoding by OpenH264.
#ifndef SORA_CODECS_OPENH264_DECODER_H
#define SORA_CODECS_OPENH264_DECODER_H

#include <memory>

#include "api/video_codecs/video_decoder.h"
#include "codecs/openh264/library.h"
#include "common_video/h264/h264_bitstream_parser.h"
#include "common_video/include/video_frame_buffer_pool.h"

namespace sora {

class OpenH264Decoder : public webrtc::VideoDecoder {
 public:
  explicit OpenH264Decoder(std::shared_ptr<OpenH264Library> library) : library_(std::move(library)) {}
  ~OpenH264Decoder() override { Release(); }

  bool Configure(const Settings& settings) override;
  int32_t Decode(const webrtc::EncodedImage& image, int64_t render_time_ms) override;
  int32_t RegisterDecodeCompleteCallback(webrtc::DecodedImageCallback* callback) override;
  int32_t Release() override;
  DecoderInfo GetDecoderInfo() const override { return {"OpenH264", false}; }

 private:
  bool Open();
  void Close();
  int32_t Show(const webrtc::EncodedImage& image);

  const std::shared_ptr<OpenH264Library> library_;
  ISVCDecoder* decoder_ = nullptr;
  bool used_ = false;
  bool whole_ = false;  // every frame since the last key frame, and that itself, could be decoded
  webrtc::VideoFrameBufferPool pool_{false, 150};
  webrtc::H264BitstreamParser parser_;
  webrtc::DecodedImageCallback* callback_ = nullptr;
};

}  // namespace sora

#endif
