// What decoders over libvpx have in common.
#ifndef SORA_CODECS_INTERNAL_VPX_DECODER_H
#define SORA_CODECS_INTERNAL_VPX_DECODER_H

#include <vpx/vpx_decoder.h>

#include <cstdint>

#include "api/video/video_frame_buffer.h"
#include "codecs/key_frame_decoder.h"

namespace sora {

// One context of libvpx. A decoder of a codec must call Close() before what the context uses ends.
class VpxDecoder : public KeyFrameDecoder {
 public:
  DecoderInfo GetDecoderInfo() const override { return {"libvpx", false}; }

 protected:
  explicit VpxDecoder(vpx_codec_iface_t* codec) : codec_(codec) {}

  bool Begin(unsigned threads);
  void Close();
  bool IsOpen() const override { return open_; }

  // Parses the header of the first frame. A broken one gives the same as a predicted frame: nothing.
  vpx_codec_stream_info_t Peek(const webrtc::EncodedImage& image) const;

  int32_t DecodeFrame(const webrtc::EncodedImage& image) override;

  vpx_codec_ctx_t context_{};

 private:
  // Prepares for a frame. False: it is not decoded.
  virtual bool Admit(const vpx_codec_stream_info_t& info) = 0;

  // Makes a buffer of a frame that libvpx has decoded, which it keeps until the next one. Null: there is none.
  virtual rtc::scoped_refptr<webrtc::VideoFrameBuffer> BufferOf(const vpx_image_t& decoded) = 0;

  vpx_codec_iface_t* const codec_;
  bool open_ = false;
};

}  // namespace sora

#endif
