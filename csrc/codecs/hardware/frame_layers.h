// The temporal layers of a stream: which of them a frame belongs to, and what libwebrtc is to know of it besides its bytes.
#ifndef SORA_CODECS_HARDWARE_FRAME_LAYERS_H
#define SORA_CODECS_HARDWARE_FRAME_LAYERS_H

#include <memory>
#include <optional>

#include "api/video/encoded_image.h"
#include "api/video_codecs/scalability_mode.h"
#include "api/video_codecs/video_encoder.h"
#include "codecs/hardware/session.h"
#include "modules/video_coding/include/video_codec_interface.h"
#include "modules/video_coding/svc/scalable_video_controller.h"

namespace sora {

class FrameLayers {
 public:
  // False when the mode has other layers than one to `most` temporal ones.
  bool Start(webrtc::VideoCodecType codec, webrtc::ScalabilityMode mode, int most);
  int count() const { return count_; }

  // Describes the next frame of the stream. False when the driver put it into another layer than libwebrtc's pattern, which the rest
  // of the description would contradict: 0 1, or 0 2 1 2, from each key frame on.
  bool Describe(const EncodedFrame& frame, int width, int height, webrtc::EncodedImage& image,
                webrtc::CodecSpecificInfo& info);

  // The share of the frame rate up to each layer, as in EncoderInfo.
  void Allocate(webrtc::VideoEncoder::EncoderInfo& info) const;

 private:
  void DescribeH264(int layer, bool key, webrtc::CodecSpecificInfoH264& h264);
  void DescribeVp9(bool key, int width, int height, webrtc::CodecSpecificInfoVP9& vp9);

  webrtc::VideoCodecType codec_ = webrtc::kVideoCodecGeneric;
  webrtc::ScalabilityMode mode_ = webrtc::ScalabilityMode::kL1T1;
  int count_ = 1;
  int position_ = 0;      // since the key frame
  int synced_below_ = 0;  // H264: a frame of a lower layer than this has only referred to the base since that came
  // Of AV1, for its dependency descriptor.
  std::unique_ptr<webrtc::ScalableVideoController> controller_;
};

}  // namespace sora

#endif
