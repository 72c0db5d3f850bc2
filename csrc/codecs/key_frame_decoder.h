// The common base of our decoders: each key frame begins with a new decoder, and after a broken frame all others are refused
// until the next key frame, which makes libwebrtc request one.
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
  // Reopens the codec's decoder: what a broken frame leaves behind in it would show in later frames or delay them, even key
  // frames.
  bool Renew();

  // Opens the codec's decoder, replacing one that is open; false on failure.
  virtual bool Open() = 0;
  virtual bool IsOpen() const = 0;
  // Whether a new decoder can start at this key frame.
  virtual bool StandsAlone(const webrtc::EncodedImage&) const { return true; }
  // Decodes one frame and delivers the result; returns a WEBRTC_VIDEO_CODEC_ code.
  virtual int32_t DecodeFrame(const webrtc::EncodedImage& image) = 0;

  // Passes on a decoded frame with its quantizer, a negative number if unknown.
  void Deliver(const webrtc::EncodedImage& image, rtc::scoped_refptr<webrtc::VideoFrameBuffer> buffer, int qp);

 private:
  bool used_ = false;
  bool whole_ = false;  // the last key frame and every frame since were decoded
  webrtc::DecodedImageCallback* callback_ = nullptr;
};

}  // namespace sora

#endif
