// An open encoder or decoder of a driver: what each vendor implements. Everything throws HardwareFailure; after that the session is
// only destroyed.
#ifndef SORA_CODECS_HARDWARE_SESSION_H
#define SORA_CODECS_HARDWARE_SESSION_H

#include <functional>
#include <memory>

#include "api/scoped_refptr.h"
#include "api/video/encoded_image.h"
#include "api/video/video_codec_type.h"
#include "api/video/video_frame_buffer.h"
#include "api/video_codecs/sdp_video_format.h"
#include "codecs/hardware/rates.h"
#include "common_video/include/video_frame_buffer_pool.h"

namespace sora {

// What the sides of coded frames are multiples of. Half a sample of chroma has no place at an edge of 4:2:0.
struct Alignment {
  int width = 2, height = 2;
};

struct EncoderSettings {
  webrtc::VideoCodecType codec;
  webrtc::SdpVideoFormat format;  // with the negotiated profile
  int width, height;              // of coded frames
  Rates rates;
  int temporal_layers = 1;
};

// What becomes of a frame.
struct EncodedFrame {
  rtc::scoped_refptr<webrtc::EncodedImageBuffer> data;  // null: the driver dropped the frame
  bool key = false;
  int qp = -1;           // on the codec's scale; -1: to be read from the bitstream
  int temporal_id = -1;  // the layer that the driver put it into; -1: it does not say
};

class EncoderSession {
 public:
  virtual ~EncoderSession() = default;

  // Without a key frame.
  virtual void SetRates(const Rates& rates) = 0;
  // Encodes the middle of a frame, in the session's size, and returns it in the same call. key: as a key frame with its
  // parameter sets.
  virtual EncodedFrame Encode(webrtc::VideoFrameBuffer& frame, bool key) = 0;
};

class DecoderSession {
 public:
  virtual ~DecoderSession() = default;

  // Decodes one frame of the bitstream, whole, and returns it in the same call, in memory of the pool; null when the bitstream
  // is broken, too large or of another format.
  virtual rtc::scoped_refptr<webrtc::I420Buffer> Decode(const uint8_t* data, size_t size,
                                                        webrtc::VideoFrameBufferPool& pool) = 0;
};

using OpenEncoder = std::function<std::unique_ptr<EncoderSession>(const EncoderSettings& settings)>;
using OpenDecoder = std::function<std::unique_ptr<DecoderSession>()>;

}  // namespace sora

#endif
