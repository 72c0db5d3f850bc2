#include "codecs/key_frame_decoder.h"

#include <cstdint>

#include "absl/types/optional.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {

bool KeyFrameDecoder::Renew() {
  used_ = whole_ = false;
  return Open();
}

int32_t KeyFrameDecoder::Decode(const webrtc::EncodedImage& image, int64_t) {
  if (!IsOpen() || !callback_) return WEBRTC_VIDEO_CODEC_UNINITIALIZED;
  if (image._frameType == webrtc::VideoFrameType::kVideoFrameKey) {
    if (used_ && StandsAlone(image) && !Renew()) return WEBRTC_VIDEO_CODEC_ERROR;
  } else if (!whole_) {
    return WEBRTC_VIDEO_CODEC_ERROR;
  }
  used_ = true;
  const int32_t result = DecodeFrame(image);
  whole_ = result == WEBRTC_VIDEO_CODEC_OK;
  return result;
}

int32_t KeyFrameDecoder::RegisterDecodeCompleteCallback(webrtc::DecodedImageCallback* callback) {
  callback_ = callback;
  return WEBRTC_VIDEO_CODEC_OK;
}

void KeyFrameDecoder::Deliver(const webrtc::EncodedImage& image, rtc::scoped_refptr<webrtc::VideoFrameBuffer> buffer,
                              int qp) {
  webrtc::VideoFrame frame = webrtc::VideoFrame::Builder()
                                 .set_video_frame_buffer(std::move(buffer))
                                 .set_timestamp_rtp(image.RtpTimestamp())
                                 .set_ntp_time_ms(image.ntp_time_ms_)
                                 .set_color_space(image.ColorSpace())
                                 .build();
  const auto known = qp >= 0 && qp <= UINT8_MAX ? absl::optional<uint8_t>(static_cast<uint8_t>(qp)) : absl::nullopt;
  callback_->Decoded(frame, absl::nullopt, known);
}

}  // namespace sora
