#include "codecs/openh264/encoder.h"

#include <algorithm>
#include <limits>

#include "api/video/i420_buffer.h"
#include "api/video_codecs/video_codec.h"
#include "media/base/media_constants.h"
#include "modules/video_coding/include/video_codec_interface.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {
namespace {

// Where libwebrtc's quality scaler goes up and down, on H.264's scale of 0 to 51.
constexpr int kLowQp = 24, kHighQp = 37;

webrtc::H264PacketizationMode ModeOf(const webrtc::SdpVideoFormat& format) {
  const auto mode = format.parameters.find(cricket::kH264FmtpPacketizationMode);
  return mode != format.parameters.end() && mode->second == "1" ? webrtc::H264PacketizationMode::NonInterleaved
                                                                : webrtc::H264PacketizationMode::SingleNalUnit;
}

unsigned short Threads(int width, int height, int cores) {
  if (width * height >= 1920 * 1080 && cores > 8) return 8;
  if (width * height > 1280 * 960 && cores >= 6) return 3;
  if (width * height > 640 * 480 && cores >= 3) return 2;
  return 1;
}

}  // namespace

OpenH264Encoder::OpenH264Encoder(std::shared_ptr<OpenH264Library> library, const webrtc::SdpVideoFormat& format)
    : library_(std::move(library)), packetization_mode_(ModeOf(format)) {}

int OpenH264Encoder::InitEncode(const webrtc::VideoCodec* codec, const Settings& settings) {
  Release();
  if (!codec || codec->codecType != webrtc::kVideoCodecH264 || codec->width < 1 || codec->height < 1 ||
      codec->maxFramerate < 1)
    return WEBRTC_VIDEO_CODEC_ERR_PARAMETER;
  encoder_ = library_->CreateEncoder();
  if (!encoder_) return WEBRTC_VIDEO_CODEC_ERROR;
  int silent = WELS_LOG_QUIET;
  encoder_->SetOption(ENCODER_OPTION_TRACE_LEVEL, &silent);
  width_ = codec->width;
  height_ = codec->height;

  SEncParamExt p;
  if (encoder_->GetDefaultParams(&p) != cmResultSuccess) {
    Release();
    return WEBRTC_VIDEO_CODEC_ERROR;
  }
  p.iUsageType = CAMERA_VIDEO_REAL_TIME;
  p.iPicWidth = width_;
  p.iPicHeight = height_;
  p.iTargetBitrate = static_cast<int>(std::max(codec->startBitrate, 1u) * 1000);
  p.iMaxBitrate = UNSPECIFIED_BIT_RATE;
  p.iRCMode = RC_BITRATE_MODE;
  p.fMaxFrameRate = static_cast<float>(codec->maxFramerate);
  p.bEnableFrameSkip = codec->GetFrameDropEnabled();
  p.uiIntraPeriod = 0;  // key frames on request
  p.uiMaxNalSize = 0;
  p.eSpsPpsIdStrategy = CONSTANT_ID;
  p.iMultipleThreadIdc = Threads(width_, height_, settings.number_of_cores);
  p.iTemporalLayerNum = 1;
  p.iSpatialLayerNum = 1;
  auto& layer = p.sSpatialLayers[0];
  layer.iVideoWidth = width_;
  layer.iVideoHeight = height_;
  layer.fFrameRate = p.fMaxFrameRate;
  layer.iSpatialBitrate = p.iTargetBitrate;
  layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
  layer.uiProfileIdc = PRO_BASELINE;
  if (packetization_mode_ == webrtc::H264PacketizationMode::SingleNalUnit) {
    // A slice must fit a packet.
    layer.sSliceArgument.uiSliceMode = SM_SIZELIMITED_SLICE;
    layer.sSliceArgument.uiSliceSizeConstraint = static_cast<unsigned>(settings.max_payload_size);
    p.uiMaxNalSize = static_cast<unsigned>(settings.max_payload_size);
  } else {
    layer.sSliceArgument.uiSliceMode = SM_FIXEDSLCNUM_SLICE;
    layer.sSliceArgument.uiSliceNum = p.iMultipleThreadIdc;
  }
  if (encoder_->InitializeExt(&p) != cmResultSuccess) {
    Release();
    return WEBRTC_VIDEO_CODEC_ERROR;
  }
  int format = videoFormatI420;
  encoder_->SetOption(ENCODER_OPTION_DATAFORMAT, &format);
  key_wanted_ = true;
  return WEBRTC_VIDEO_CODEC_OK;
}

int32_t OpenH264Encoder::RegisterEncodeCompleteCallback(webrtc::EncodedImageCallback* callback) {
  callback_ = callback;
  return WEBRTC_VIDEO_CODEC_OK;
}

int32_t OpenH264Encoder::Release() {
  if (encoder_) {
    encoder_->Uninitialize();
    library_->Destroy(encoder_);
  }
  encoder_ = nullptr;
  paused_ = key_wanted_ = false;
  return WEBRTC_VIDEO_CODEC_OK;
}

void OpenH264Encoder::SetRates(const RateControlParameters& parameters) {
  if (!encoder_) return;
  const bool was_paused = paused_;
  paused_ = parameters.bitrate.get_sum_bps() == 0;
  if (paused_) return;
  if (was_paused) key_wanted_ = true;
  SBitrateInfo bitrate{};
  bitrate.iLayer = SPATIAL_LAYER_ALL;
  bitrate.iBitrate = static_cast<int>(
      std::min<uint32_t>(parameters.bitrate.get_sum_bps(), static_cast<uint32_t>(std::numeric_limits<int>::max())));
  encoder_->SetOption(ENCODER_OPTION_BITRATE, &bitrate);
  float framerate = static_cast<float>(std::max(parameters.framerate_fps, 1.0));
  encoder_->SetOption(ENCODER_OPTION_FRAME_RATE, &framerate);
}

int32_t OpenH264Encoder::Encode(const webrtc::VideoFrame& frame, const std::vector<webrtc::VideoFrameType>* frame_types) {
  if (!encoder_ || !callback_) return WEBRTC_VIDEO_CODEC_UNINITIALIZED;
  if (frame_types && !frame_types->empty() && (*frame_types)[0] == webrtc::VideoFrameType::kVideoFrameKey)
    key_wanted_ = true;
  if (paused_) return WEBRTC_VIDEO_CODEC_NO_OUTPUT;
  const auto buffer = frame.video_frame_buffer()->ToI420();
  if (!buffer || buffer->width() != width_ || buffer->height() != height_) return WEBRTC_VIDEO_CODEC_ERR_PARAMETER;

  SSourcePicture picture{};
  picture.iColorFormat = videoFormatI420;
  picture.iPicWidth = width_;
  picture.iPicHeight = height_;
  picture.uiTimeStamp = frame.timestamp_us() / 1000;
  picture.iStride[0] = buffer->StrideY();
  picture.iStride[1] = buffer->StrideU();
  picture.iStride[2] = buffer->StrideV();
  picture.pData[0] = const_cast<uint8_t*>(buffer->DataY());
  picture.pData[1] = const_cast<uint8_t*>(buffer->DataU());
  picture.pData[2] = const_cast<uint8_t*>(buffer->DataV());
  if (key_wanted_) encoder_->ForceIntraFrame(true);
  bool key = false;
  if (!library_->Encode(*encoder_, picture, frame_, key)) return WEBRTC_VIDEO_CODEC_ERROR;
  if (frame_.empty()) {
    callback_->OnDroppedFrame(webrtc::EncodedImageCallback::DropReason::kDroppedByEncoder);
    return WEBRTC_VIDEO_CODEC_OK;
  }
  if (key) key_wanted_ = false;

  webrtc::EncodedImage image;
  image.SetEncodedData(webrtc::EncodedImageBuffer::Create(frame_.data(), frame_.size()));
  image._frameType = key ? webrtc::VideoFrameType::kVideoFrameKey : webrtc::VideoFrameType::kVideoFrameDelta;
  image._encodedWidth = static_cast<uint32_t>(width_);
  image._encodedHeight = static_cast<uint32_t>(height_);
  image.SetRtpTimestamp(frame.timestamp());
  image.SetCaptureTimeIdentifier(frame.capture_time_identifier());
  image.capture_time_ms_ = frame.render_time_ms();
  image.rotation_ = frame.rotation();
  image.SetColorSpace(frame.color_space());
  parser_.ParseBitstream(image);
  image.qp_ = parser_.GetLastSliceQp().value_or(-1);

  webrtc::CodecSpecificInfo info;
  info.codecType = webrtc::kVideoCodecH264;
  info.codecSpecific.H264.packetization_mode = packetization_mode_;
  info.codecSpecific.H264.temporal_idx = webrtc::kNoTemporalIdx;
  info.codecSpecific.H264.base_layer_sync = false;
  info.codecSpecific.H264.idr_frame = key;
  callback_->OnEncodedImage(image, &info);
  return WEBRTC_VIDEO_CODEC_OK;
}

webrtc::VideoEncoder::EncoderInfo OpenH264Encoder::GetEncoderInfo() const {
  EncoderInfo info;
  info.implementation_name = "OpenH264";
  info.supports_native_handle = false;
  info.is_hardware_accelerated = false;
  info.scaling_settings = ScalingSettings(kLowQp, kHighQp);
  info.preferred_pixel_formats = {webrtc::VideoFrameBuffer::Type::kI420};
  return info;
}

}  // namespace sora
