#include "codecs/hardware/encoder.h"

#include <algorithm>
#include <numeric>

#include "api/video_codecs/video_codec.h"
#include "codecs/hardware/h265_level.h"
#include "modules/video_coding/include/video_codec_interface.h"
#include "modules/video_coding/include/video_error_codes.h"
#include "rtc_base/logging.h"
#include "rtc_base/time_utils.h"

namespace sora {
namespace {

// Of three layers libwebrtc finds the scale factors 4, 2 and 1 up to this alone: beyond it, it makes them more equal, at 16 all the
// same. It would also cut more than is needed off the side that is less restricted. So the encoder cuts the rest itself.
constexpr int kMostAlignment = 4;

// Where libwebrtc's quality scaler goes up and down, on the scale of each codec.
webrtc::VideoEncoder::ScalingSettings Scaling(webrtc::VideoCodecType codec) {
  switch (codec) {
    case webrtc::kVideoCodecH264:
    case webrtc::kVideoCodecH265: return {24, 37};
    case webrtc::kVideoCodecAV1: return {145, 205};
    case webrtc::kVideoCodecVP9: return {149, 205};
    default: return webrtc::VideoEncoder::ScalingSettings::kOff;
  }
}

}  // namespace

HardwareEncoder::HardwareEncoder(const char* name, const webrtc::SdpVideoFormat& format, const HardwareCodec& able,
                                 OpenEncoder open, std::shared_ptr<FailureReason> reason)
    : name_(name),
      format_(format),
      codec_(webrtc::PayloadStringToCodecType(format.name)),
      able_(able),
      open_(std::move(open)),
      reason_(std::move(reason)) {}

int HardwareEncoder::InitEncode(const webrtc::VideoCodec* codec, const Settings&) {
  Release();
  if (!codec || codec->codecType != codec_ || codec->maxFramerate < 1) return WEBRTC_VIDEO_CODEC_ERR_PARAMETER;
  const SizeLimits& sizes = able_.sizes;
  const int coded_width = codec->width / able_.alignment.width * able_.alignment.width;
  const int coded_height = codec->height / able_.alignment.height * able_.alignment.height;
  if (coded_width < sizes.min_width || coded_height < sizes.min_height || coded_width > sizes.max_width ||
      coded_height > sizes.max_height) {
    RTC_LOG(LS_WARNING) << name_ << " does not encode frames of " << codec->width << "x" << codec->height
                        << ": its device takes " << sizes.min_width << "x" << sizes.min_height << " to " << sizes.max_width
                        << "x" << sizes.max_height;
    return WEBRTC_VIDEO_CODEC_ERR_PARAMETER;
  }
  if (codec_ == webrtc::kVideoCodecH265) {
    // Drivers take the lowest level that does, so it is the frames that may be too large for what was negotiated.
    const int needed = H265LevelOf(codec->width, codec->height), agreed = H265LevelOf(format_);
    if (needed > agreed && agreed > 0)
      RTC_LOG(LS_WARNING) << name_ << " encodes H265 with frames of " << codec->width << "x" << codec->height
                          << ", of level " << H265LevelText(needed) << ", and level " << H265LevelText(agreed)
                          << " was negotiated";
  }
  const auto mode = codec->GetScalabilityMode().value_or(webrtc::ScalabilityMode::kL1T1);
  if (!layers_.Start(codec_, mode, able_.temporal_layers)) return WEBRTC_VIDEO_CODEC_ERR_PARAMETER;
  width_ = codec->width;
  height_ = codec->height;
  coded_width_ = coded_width;
  coded_height_ = coded_height;
  rates_.Want({std::max(codec->startBitrate, 1u) * 1000, static_cast<double>(codec->maxFramerate)});
  key_wanted_ = true;
  return WEBRTC_VIDEO_CODEC_OK;
}

int32_t HardwareEncoder::RegisterEncodeCompleteCallback(webrtc::EncodedImageCallback* callback) {
  callback_ = callback;
  return WEBRTC_VIDEO_CODEC_OK;
}

int32_t HardwareEncoder::Release() {
  // A new size is no failure: its session is opened at once.
  if (session_) attempts_ = {};
  session_ = nullptr;
  width_ = height_ = 0;
  paused_ = key_wanted_ = false;
  return WEBRTC_VIDEO_CODEC_OK;
}

void HardwareEncoder::SetRates(const RateControlParameters& parameters) {
  if (width_ == 0) return;
  const uint32_t bps = parameters.bitrate.get_sum_bps();
  const bool was_paused = std::exchange(paused_, bps == 0);
  if (paused_) return;
  if (was_paused) key_wanted_ = true;
  rates_.Want({bps, parameters.framerate_fps >= 1 ? parameters.framerate_fps : rates_.wanted().frames_per_second});
}

bool HardwareEncoder::Open() {
  const int64_t now = rtc::TimeMillis();
  if (!attempts_.MayOpen(now)) return false;
  session_ = open_({codec_, format_, coded_width_, coded_height_, rates_.wanted(), layers_.count()});
  rates_.Applied(now);
  key_wanted_ = true;
  return true;
}

int32_t HardwareEncoder::Encode(const webrtc::VideoFrame& frame, const std::vector<webrtc::VideoFrameType>* frame_types) {
  if (width_ == 0 || !callback_) return WEBRTC_VIDEO_CODEC_UNINITIALIZED;
  if (frame_types && !frame_types->empty() && (*frame_types)[0] == webrtc::VideoFrameType::kVideoFrameKey)
    key_wanted_ = true;  // until there is one: neither a pause nor a failure may lose the request
  if (paused_) return WEBRTC_VIDEO_CODEC_NO_OUTPUT;
  const auto buffer = frame.video_frame_buffer();
  if (buffer->width() != width_ || buffer->height() != height_) return WEBRTC_VIDEO_CODEC_ERR_PARAMETER;
  try {
    if (!session_ && !Open()) {
      callback_->OnDroppedFrame(webrtc::EncodedImageCallback::DropReason::kDroppedByEncoder);
      return WEBRTC_VIDEO_CODEC_OK;
    }
    if (const int64_t now = rtc::TimeMillis(); rates_.Due(now)) {
      session_->SetRates(rates_.wanted());
      rates_.Applied(now);
    }
    Deliver(frame, session_->Encode(*buffer, key_wanted_));
  } catch (const HardwareFailure& failure) {
    return Fail(failure);
  }
  return WEBRTC_VIDEO_CODEC_OK;
}

void HardwareEncoder::Deliver(const webrtc::VideoFrame& frame, EncodedFrame encoded) {
  attempts_.Succeeded();
  if (!encoded.data || encoded.data->size() == 0) {
    callback_->OnDroppedFrame(webrtc::EncodedImageCallback::DropReason::kDroppedByEncoder);
    return;
  }
  webrtc::EncodedImage image;
  image.SetEncodedData(encoded.data);
  image._frameType = encoded.key ? webrtc::VideoFrameType::kVideoFrameKey : webrtc::VideoFrameType::kVideoFrameDelta;
  image._encodedWidth = static_cast<uint32_t>(coded_width_);
  image._encodedHeight = static_cast<uint32_t>(coded_height_);
  image.SetRtpTimestamp(frame.timestamp());
  image.SetCaptureTimeIdentifier(frame.capture_time_identifier());
  image.capture_time_ms_ = frame.render_time_ms();
  image.rotation_ = frame.rotation();
  image.SetColorSpace(frame.color_space());
  image.qp_ = encoded.qp;
  if (image.qp_ < 0) image.qp_ = quantizer_.Read(codec_, image);

  webrtc::CodecSpecificInfo info;
  if (!layers_.Describe(encoded, coded_width_, coded_height_, image, info)) {
    RTC_LOG(LS_WARNING) << name_ << " put a frame of " << format_.name << " into temporal layer " << encoded.temporal_id
                        << " out of turn: it goes on with one layer";
    layers_.Start(codec_, webrtc::ScalabilityMode::kL1T1, 1);
    session_ = nullptr;
    attempts_ = {};
    key_wanted_ = true;
    callback_->OnDroppedFrame(webrtc::EncodedImageCallback::DropReason::kDroppedByEncoder);
    return;
  }
  if (encoded.key) key_wanted_ = false;
  callback_->OnEncodedImage(image, &info);
}

int32_t HardwareEncoder::Fail(const HardwareFailure& failure) {
  session_ = nullptr;
  key_wanted_ = true;
  RTC_LOG(LS_WARNING) << name_ << " failed to encode a frame of " << format_.name << ": " << failure.what();
  if (!attempts_.Failed(failure.kind)) return WEBRTC_VIDEO_CODEC_ERROR;
  reason_->Set(failure.what());
  return WEBRTC_VIDEO_CODEC_FALLBACK_SOFTWARE;
}

webrtc::VideoEncoder::EncoderInfo HardwareEncoder::GetEncoderInfo() const {
  EncoderInfo info;
  info.implementation_name = name_;
  info.supports_native_handle = false;
  info.has_trusted_rate_controller = true;
  info.is_hardware_accelerated = true;
  info.scaling_settings = Scaling(codec_);
  info.requested_resolution_alignment = std::min(std::lcm(able_.alignment.width, able_.alignment.height), kMostAlignment);
  layers_.Allocate(info);
  info.apply_alignment_to_all_simulcast_layers = true;
  info.preferred_pixel_formats = {webrtc::VideoFrameBuffer::Type::kNV12, webrtc::VideoFrameBuffer::Type::kI420};
  return info;
}

}  // namespace sora
