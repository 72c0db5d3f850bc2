// What decoders here have in common: a key frame begins with a new decoder, and what follows a broken frame is refused until one
// comes, which makes libwebrtc ask for it.
#ifndef SORA_CODECS_KEY_FRAME_DECODER_H
#define SORA_CODECS_KEY_FRAME_DECODER_H

#include "api/scoped_refptr.h"
#include "api/video/video_frame_buffer.h"
#include "api/video_codecs/video_decoder.h"

namespace sora {

class KeyFrameDecoder : public webrtc::VideoDecoder {
 public:
  int32_t Decode(const webrtc::EncodedImage& image, int64_t render_time_ms) final;
  int32_t RegisterDecodeCompleteCallback(webrtc::DecodedImageCallback* callback) final;

 protected:
  // Opens the codec's decoder anew: what a broken frame leaves behind in it would show in later pictures, or hold them up, in key
  // frames too.
  bool Renew();

  // Opens it, in the place of the one that is open; false when it cannot be.
  virtual bool Open() = 0;
  virtual bool IsOpen() const = 0;
  // Whether a new decoder can begin with this key frame.
  virtual bool StandsAlone(const webrtc::EncodedImage&) const { return true; }
  // Decodes one frame and delivers the picture; a WEBRTC_VIDEO_CODEC_ code.
  virtual int32_t DecodeFrame(const webrtc::EncodedImage& image) = 0;

  // Hands a picture of the frame on, with its quantizer, or a negative number when that is not known.
  void Deliver(const webrtc::EncodedImage& image, rtc::scoped_refptr<webrtc::VideoFrameBuffer> picture, int qp);

 private:
  bool used_ = false;
  bool whole_ = false;  // every frame since the last key frame, and that itself, could be decoded
  webrtc::DecodedImageCallback* callback_ = nullptr;
};

}  // namespace sora

#endif
