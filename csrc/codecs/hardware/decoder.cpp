#include "codecs/hardware/decoder.h"

#include "api/video_codecs/video_codec.h"
#include "modules/video_coding/include/video_error_codes.h"
#include "rtc_base/logging.h"
#include "rtc_base/time_utils.h"

namespace sora {

bool HardwareDecoder::Configure(const Settings&) {
  Release();
  return configured_ = Renew();
}

int32_t HardwareDecoder::Release() {
  session_ = nullptr;
  configured_ = broken_ = false;
  attempts_ = {};
  pool_.Release();
  return WEBRTC_VIDEO_CODEC_OK;
}

int32_t HardwareDecoder::DecodeFrame(const webrtc::EncodedImage& image) {
  if (image.size() == 0) return WEBRTC_VIDEO_CODEC_ERROR;  // drivers take it for the end of the stream
  try {
    // What a broken frame leaves behind in a session would show in later frames.
    if (!session_ || broken_) {
      if (attempts_.MayOpen(rtc::TimeMillis())) {
        session_ = nullptr;  // before the next one: a device has few of them
        session_ = open_();
      } else if (!session_) {
        return WEBRTC_VIDEO_CODEC_ERROR;
      }
    }
    const auto buffer = session_->Decode(image.data(), image.size(), pool_);
    attempts_.Succeeded();
    broken_ = !buffer;
    if (broken_) return WEBRTC_VIDEO_CODEC_ERROR;
    Deliver(image, buffer, quantizer_.Read(codec_, image));
    return WEBRTC_VIDEO_CODEC_OK;
  } catch (const HardwareFailure& failure) {
    session_ = nullptr;
    RTC_LOG(LS_WARNING) << name_ << " failed to decode a frame of " << webrtc::CodecTypeToPayloadString(codec_) << ": "
                        << failure.what();
    if (!attempts_.Failed(failure.kind)) return WEBRTC_VIDEO_CODEC_ERROR;
    reason_->Set(failure.what());
    return WEBRTC_VIDEO_CODEC_FALLBACK_SOFTWARE;
  }
}

}  // namespace sora
