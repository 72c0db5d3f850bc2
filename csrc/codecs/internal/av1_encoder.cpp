#include "codecs/internal/av1_encoder.h"

#include <aom/aomcx.h>

#include <algorithm>

#include "api/video/i420_buffer.h"
#include "api/video_codecs/video_codec.h"
#include "modules/video_coding/include/video_codec_interface.h"
#include "modules/video_coding/include/video_error_codes.h"
#include "modules/video_coding/svc/create_scalability_structure.h"

namespace sora {
namespace {

constexpr int kTimebase = 90'000;
constexpr int kMinQuantizer = 10, kDefaultMaxQuantizer = 56;
// Fullness of the rate control's buffer, in per cent, below which frames are dropped; as in libwebrtc.
constexpr unsigned kDropBelowPercent = 30;
// At least one frame is encoded in this time, whatever the rate.
constexpr int kLongestDropMs = 250;
// Where libwebrtc's quality scaler goes up and down, on AV1's scale of 0 to 255.
constexpr int kLowQp = 145, kHighQp = 205;

// Faster settings for larger frames and fewer cores (libaom: 5, slow, to 11, fast, in real time).
int Speed(int width, int height, int cores) {
  const int pixels = width * height;
  if (pixels <= 320 * 180) return cores > 2 ? 8 : 9;
  if (pixels <= 640 * 360) return 9;
  if (pixels <= 1280 * 720) return cores > 2 ? 10 : 11;
  return 11;
}

int Threads(int width, int height, int cores) {
  const int pixels = width * height;
  if (pixels >= 960 * 540 && cores > 4) return 4;
  if (pixels >= 640 * 360 && cores > 1) return 2;
  return 1;
}

}  // namespace

bool Av1Encoder::Control(int id, int value) { return aom_codec_control(&context_, id, value) == AOM_CODEC_OK; }

int Av1Encoder::InitEncode(const webrtc::VideoCodec* codec, const Settings& settings) {
  Release();
  if (!codec || codec->codecType != webrtc::kVideoCodecAV1 || codec->width < 1 || codec->height < 1 ||
      codec->maxFramerate < 1)
    return WEBRTC_VIDEO_CODEC_ERR_PARAMETER;
  mode_ = codec->GetScalabilityMode().value_or(webrtc::ScalabilityMode::kL1T1);
  controller_ = webrtc::CreateScalabilityStructure(mode_);
  if (!controller_ || controller_->StreamConfig().num_spatial_layers != 1) return WEBRTC_VIDEO_CODEC_ERR_PARAMETER;
  framerate_ = codec->maxFramerate;
  return Configure(*codec, settings.number_of_cores) ? WEBRTC_VIDEO_CODEC_OK : WEBRTC_VIDEO_CODEC_ERROR;
}

bool Av1Encoder::Configure(const webrtc::VideoCodec& codec, int cores) {
  if (aom_codec_enc_config_default(aom_codec_av1_cx(), &config_, AOM_USAGE_REALTIME) != AOM_CODEC_OK) return false;
  config_.g_w = codec.width;
  config_.g_h = codec.height;
  config_.g_threads = static_cast<unsigned>(Threads(codec.width, codec.height, cores));
  config_.g_timebase = {1, kTimebase};
  config_.g_input_bit_depth = 8;
  config_.g_pass = AOM_RC_ONE_PASS;
  config_.g_lag_in_frames = 0;
  config_.g_error_resilient = 0;
  config_.kf_mode = AOM_KF_DISABLED;  // key frames on request
  config_.rc_end_usage = AOM_CBR;
  config_.rc_target_bitrate = std::max(codec.startBitrate, 1u);
  config_.rc_min_quantizer = kMinQuantizer;
  config_.rc_max_quantizer =
      codec.qpMax > kMinQuantizer && codec.qpMax <= 63 ? codec.qpMax : static_cast<unsigned>(kDefaultMaxQuantizer);
  config_.rc_undershoot_pct = 50;
  config_.rc_overshoot_pct = 50;
  config_.rc_buf_initial_sz = 600;
  config_.rc_buf_optimal_sz = 600;
  config_.rc_buf_sz = 1000;
  // The encoder declares its rate control trusted, so libwebrtc's own frame dropper is off: libaom must drop what does not fit.
  config_.rc_dropframe_thresh = codec.GetFrameDropEnabled() ? kDropBelowPercent : 0;
  if (aom_codec_enc_init(&context_, aom_codec_av1_cx(), &config_, 0) != AOM_CODEC_OK) return false;
  open_ = true;

  struct {
    int id, value;
  } const controls[] = {
      {AOME_SET_CPUUSED, Speed(codec.width, codec.height, cores)},
      {AV1E_SET_AQ_MODE, 3},
      {AV1E_SET_ROW_MT, 1},
      {AV1E_SET_TILE_COLUMNS, config_.g_threads >= 4   ? 2
                              : config_.g_threads >= 2 ? 1
                                                       : 0},
      {AOME_SET_MAX_INTRA_BITRATE_PCT, 300},
      {AV1E_SET_ENABLE_CDEF, 1},
      {AV1E_SET_COEFF_COST_UPD_FREQ, 3},
      {AV1E_SET_MODE_COST_UPD_FREQ, 3},
      {AV1E_SET_MV_COST_UPD_FREQ, 3},
      {AV1E_SET_ENABLE_TPL_MODEL, 0},
      {AV1E_SET_DELTAQ_MODE, 0},
      {AV1E_SET_ENABLE_ORDER_HINT, 0},
      {AV1E_SET_ENABLE_OBMC, 0},
      {AV1E_SET_ENABLE_WARPED_MOTION, 0},
      {AV1E_SET_ENABLE_GLOBAL_MOTION, 0},
      {AV1E_SET_ENABLE_REF_FRAME_MVS, 0},
      {AV1E_SET_ENABLE_PALETTE, 0},
      {AV1E_SET_ENABLE_CFL_INTRA, 0},
      {AV1E_SET_ENABLE_SMOOTH_INTRA, 0},
      {AV1E_SET_ENABLE_ANGLE_DELTA, 0},
      {AV1E_SET_ENABLE_FILTER_INTRA, 0},
      {AV1E_SET_INTRA_DEFAULT_TX_ONLY, 1},
      {AV1E_SET_DISABLE_TRELLIS_QUANT, 1},
      {AV1E_SET_ENABLE_DIST_WTD_COMP, 0},
      {AV1E_SET_ENABLE_DIFF_WTD_COMP, 0},
      {AV1E_SET_ENABLE_DUAL_FILTER, 0},
      {AV1E_SET_ENABLE_INTERINTRA_COMP, 0},
      {AV1E_SET_ENABLE_INTERINTRA_WEDGE, 0},
      {AV1E_SET_ENABLE_INTRA_EDGE_FILTER, 0},
      {AV1E_SET_ENABLE_INTRABC, 0},
      {AV1E_SET_ENABLE_MASKED_COMP, 0},
      {AV1E_SET_ENABLE_PAETH_INTRA, 0},
      {AV1E_SET_ENABLE_QM, 0},
      {AV1E_SET_ENABLE_RECT_PARTITIONS, 0},
      {AV1E_SET_ENABLE_RESTORATION, 0},
      {AV1E_SET_ENABLE_SMOOTH_INTERINTRA, 0},
      {AV1E_SET_ENABLE_TX64, 0},
      {AV1E_SET_MAX_REFERENCE_FRAMES, 3},
      {AV1E_SET_NOISE_SENSITIVITY, 0},
  };
  for (const auto& control : controls)
    if (!Control(control.id, control.value)) return false;
  return !codec.GetFrameDropEnabled() || Control(AV1E_SET_MAX_CONSEC_FRAME_DROP_MS_CBR, kLongestDropMs);
}

int32_t Av1Encoder::RegisterEncodeCompleteCallback(webrtc::EncodedImageCallback* callback) {
  callback_ = callback;
  return WEBRTC_VIDEO_CODEC_OK;
}

int32_t Av1Encoder::Release() {
  if (image_) aom_img_free(image_);
  image_ = nullptr;
  if (open_) aom_codec_destroy(&context_);
  open_ = false;
  rates_set_ = paused_ = key_wanted_ = false;
  controller_.reset();
  pts_ = 0;
  return WEBRTC_VIDEO_CODEC_OK;
}

void Av1Encoder::SetRates(const RateControlParameters& parameters) {
  if (!open_) return;
  const uint32_t kbps = parameters.bitrate.get_sum_kbps();
  paused_ = kbps == 0;
  if (paused_) return;
  if (parameters.framerate_fps >= 1) framerate_ = parameters.framerate_fps;
  controller_->OnRatesUpdated(parameters.bitrate);
  config_.rc_target_bitrate = kbps;
  const int layers = controller_->StreamConfig().num_temporal_layers;
  if (layers > 1) {
    aom_svc_params_t svc{};
    svc.number_spatial_layers = 1;
    svc.number_temporal_layers = layers;
    svc.scaling_factor_num[0] = svc.scaling_factor_den[0] = 1;
    uint32_t sum_bps = 0;
    for (int t = 0; t < layers; ++t) {
      svc.min_quantizers[t] = static_cast<int>(config_.rc_min_quantizer);
      svc.max_quantizers[t] = static_cast<int>(config_.rc_max_quantizer);
      sum_bps += parameters.bitrate.GetBitrate(0, static_cast<size_t>(t));
      svc.layer_target_bitrate[t] = static_cast<int>(sum_bps / 1000);  // of this layer and those below it
      svc.framerate_factor[t] = 1 << (layers - 1 - t);
    }
    if (aom_codec_control(&context_, AV1E_SET_SVC_PARAMS, &svc) != AOM_CODEC_OK) return;
  }
  rates_set_ = aom_codec_enc_config_set(&context_, &config_) == AOM_CODEC_OK;
}

// Tells libaom which of its eight buffers the frame refers to and which it replaces.
bool Av1Encoder::SetReferences(const LayerFrame& layer) {
  aom_svc_layer_id_t id{};
  id.temporal_layer_id = layer.TemporalId();
  if (aom_codec_control(&context_, AV1E_SET_SVC_LAYER_ID, &id) != AOM_CODEC_OK) return false;
  aom_svc_ref_frame_config_t references{};
  // The slots of libaom's seven references: LAST, LAST2, LAST3, GOLDEN, BWDREF, ALTREF2, ALTREF. A buffer that is only
  // replaced still needs one of them to name it.
  int next = 0;
  const auto& buffers = layer.Buffers();
  if (buffers.size() > 7) return false;
  std::fill(std::begin(references.ref_idx), std::end(references.ref_idx), buffers.empty() ? 0 : buffers[0].id);
  for (const auto& buffer : buffers) {
    references.ref_idx[next] = buffer.id;
    references.reference[next] = buffer.referenced && !layer.IsKeyframe() ? 1 : 0;
    references.refresh[buffer.id] = buffer.updated ? 1 : 0;
    ++next;
  }
  return aom_codec_control(&context_, AV1E_SET_SVC_REF_FRAME_CONFIG, &references) == AOM_CODEC_OK;
}

int32_t Av1Encoder::Encode(const webrtc::VideoFrame& frame, const std::vector<webrtc::VideoFrameType>* frame_types) {
  if (!open_ || !callback_ || !rates_set_) return WEBRTC_VIDEO_CODEC_UNINITIALIZED;
  if (frame_types && !frame_types->empty() && (*frame_types)[0] == webrtc::VideoFrameType::kVideoFrameKey)
    key_wanted_ = true;  // until there is one: neither a pause nor a failure may lose the request
  if (paused_) return WEBRTC_VIDEO_CODEC_NO_OUTPUT;
  const auto buffer = frame.video_frame_buffer()->ToI420();
  if (!buffer || buffer->width() != static_cast<int>(config_.g_w) || buffer->height() != static_cast<int>(config_.g_h))
    return WEBRTC_VIDEO_CODEC_ERR_PARAMETER;

  // The planes stay where they are; the image only points at them.
  if (!image_ && !(image_ = aom_img_wrap(nullptr, AOM_IMG_FMT_I420, config_.g_w, config_.g_h, 1,
                                         const_cast<uint8_t*>(buffer->DataY()))))
    return WEBRTC_VIDEO_CODEC_MEMORY;
  image_->planes[AOM_PLANE_Y] = const_cast<uint8_t*>(buffer->DataY());
  image_->planes[AOM_PLANE_U] = const_cast<uint8_t*>(buffer->DataU());
  image_->planes[AOM_PLANE_V] = const_cast<uint8_t*>(buffer->DataV());
  image_->stride[AOM_PLANE_Y] = buffer->StrideY();
  image_->stride[AOM_PLANE_U] = buffer->StrideU();
  image_->stride[AOM_PLANE_V] = buffer->StrideV();

  const auto duration = static_cast<unsigned long>(kTimebase / framerate_);
  for (const LayerFrame& layer : controller_->NextFrameConfig(key_wanted_)) {
    if (controller_->StreamConfig().num_temporal_layers > 1 && !SetReferences(layer)) return WEBRTC_VIDEO_CODEC_ERROR;
    const aom_enc_frame_flags_t flags = layer.IsKeyframe() ? AOM_EFLAG_FORCE_KF : 0;
    if (aom_codec_encode(&context_, image_, pts_, duration, flags) != AOM_CODEC_OK) return WEBRTC_VIDEO_CODEC_ERROR;
    pts_ += static_cast<int64_t>(duration);
    const int32_t result = Deliver(frame, layer);
    if (result != WEBRTC_VIDEO_CODEC_OK) return result;
  }
  return WEBRTC_VIDEO_CODEC_OK;
}

int32_t Av1Encoder::Deliver(const webrtc::VideoFrame& frame, const LayerFrame& layer) {
  aom_codec_iter_t iterator = nullptr;
  bool delivered = false;
  while (const aom_codec_cx_pkt_t* packet = aom_codec_get_cx_data(&context_, &iterator)) {
    if (packet->kind != AOM_CODEC_CX_FRAME_PKT) continue;
    const bool key = (packet->data.frame.flags & AOM_FRAME_IS_KEY) != 0;
    webrtc::EncodedImage image;
    image.SetEncodedData(
        webrtc::EncodedImageBuffer::Create(static_cast<const uint8_t*>(packet->data.frame.buf), packet->data.frame.sz));
    image._frameType = key ? webrtc::VideoFrameType::kVideoFrameKey : webrtc::VideoFrameType::kVideoFrameDelta;
    image._encodedWidth = config_.g_w;
    image._encodedHeight = config_.g_h;
    image.SetRtpTimestamp(frame.timestamp());
    image.SetCaptureTimeIdentifier(frame.capture_time_identifier());
    image.capture_time_ms_ = frame.render_time_ms();
    image.rotation_ = frame.rotation();
    image.content_type_ = webrtc::VideoContentType::UNSPECIFIED;
    image.SetColorSpace(frame.color_space());
    int qp = -1;
    if (aom_codec_control(&context_, AOME_GET_LAST_QUANTIZER, &qp) == AOM_CODEC_OK) image.qp_ = qp;
    if (controller_->StreamConfig().num_temporal_layers > 1) image.SetTemporalIndex(layer.TemporalId());

    webrtc::CodecSpecificInfo info;
    info.codecType = webrtc::kVideoCodecAV1;
    info.end_of_picture = true;
    info.scalability_mode = mode_;
    LayerFrame done = layer;
    // libaom may make a key frame on its own; the structure must know.
    if (key && !layer.IsKeyframe()) done.Keyframe();
    info.generic_frame_info = controller_->OnEncodeDone(done);
    if (key) {
      info.template_structure = controller_->DependencyStructure();
      info.template_structure->resolutions = {
          webrtc::RenderResolution(static_cast<int>(config_.g_w), static_cast<int>(config_.g_h))};
    }
    if (key) key_wanted_ = false;
    callback_->OnEncodedImage(image, &info);
    delivered = true;
  }
  if (!delivered) callback_->OnDroppedFrame(webrtc::EncodedImageCallback::DropReason::kDroppedByEncoder);
  return WEBRTC_VIDEO_CODEC_OK;
}

webrtc::VideoEncoder::EncoderInfo Av1Encoder::GetEncoderInfo() const {
  EncoderInfo info;
  info.implementation_name = "libaom";
  info.supports_native_handle = false;
  info.has_trusted_rate_controller = true;
  info.is_hardware_accelerated = false;
  info.scaling_settings = ScalingSettings(kLowQp, kHighQp);
  info.preferred_pixel_formats = {webrtc::VideoFrameBuffer::Type::kI420};
  if (controller_) {
    const int layers = controller_->StreamConfig().num_temporal_layers;
    info.fps_allocation[0].clear();
    for (int t = 0; t < layers; ++t)
      info.fps_allocation[0].push_back(static_cast<uint8_t>(EncoderInfo::kMaxFramerateFraction >> (layers - 1 - t)));
  }
  return info;
}

}  // namespace sora
