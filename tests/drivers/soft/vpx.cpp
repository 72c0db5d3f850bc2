// VP8 and VP9 by libvpx.
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>

#include "soft/codec.h"

namespace standin {
namespace {

class Vp9Encoder : public Encoder {
 public:
  ~Vp9Encoder() override {
    if (open_) vpx_codec_destroy(&codec_);
  }

  bool Init(const EncoderSettings& settings) {
    settings_ = settings;
    if (vpx_codec_enc_config_default(vpx_codec_vp9_cx(), &config_, 0) != VPX_CODEC_OK) return false;
    first_rate_ = settings.rates.frames_per_second;
    config_.g_w = static_cast<unsigned>(settings.width);
    config_.g_h = static_cast<unsigned>(settings.height);
    config_.g_threads = 1;
    // Each frame lasts a unit of time; another frame rate changes the bits for a frame.
    config_.g_timebase = {1000, static_cast<int>(first_rate_ * 1000)};
    config_.g_lag_in_frames = 0;
    config_.kf_mode = VPX_KF_DISABLED;
    config_.rc_end_usage = VPX_CBR;
    config_.rc_target_bitrate = Kilobits(settings.rates);
    config_.rc_min_quantizer = 2;
    config_.rc_max_quantizer = 56;
    config_.rc_buf_initial_sz = 400;
    config_.rc_buf_optimal_sz = 500;
    config_.rc_buf_sz = 600;
    if (settings.layers > 1) {
      config_.g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
      config_.ts_number_layers = static_cast<unsigned>(settings.layers);
      config_.temporal_layering_mode =
          settings.layers == 2 ? VP9E_TEMPORAL_LAYERING_MODE_0101 : VP9E_TEMPORAL_LAYERING_MODE_0212;
      for (int layer = 0; layer < settings.layers; ++layer)
        config_.ts_rate_decimator[layer] = 1u << (settings.layers - 1 - layer);
      SetLayerRates();
    }
    if (vpx_codec_enc_init(&codec_, vpx_codec_vp9_cx(), &config_, 0) != VPX_CODEC_OK) return false;
    open_ = true;
    return vpx_codec_control(&codec_, VP8E_SET_CPUUSED, 8) == VPX_CODEC_OK && (settings.layers == 1 || BeginLayers());
  }

  bool Encode(const Picture& picture, bool key, Coded& coded) override {
    // libvpx goes on with its pattern over a key frame, which drivers begin anew.
    if (key && settings_.layers > 1 && frame_ > 0 && !Restart()) return false;
    vpx_image_t image;
    if (!vpx_img_wrap(&image, VPX_IMG_FMT_I420, config_.g_w, config_.g_h, 1, const_cast<uint8_t*>(picture.y.data())))
      return false;
    image.planes[1] = const_cast<uint8_t*>(picture.u.data());
    image.planes[2] = const_cast<uint8_t*>(picture.v.data());
    image.stride[0] = picture.width;
    image.stride[1] = image.stride[2] = (picture.width + 1) / 2;
    if (vpx_codec_encode(&codec_, &image, frame_++, 1, key ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME) != VPX_CODEC_OK)
      return false;
    vpx_codec_iter_t iterator = nullptr;
    while (const vpx_codec_cx_pkt_t* packet = vpx_codec_get_cx_data(&codec_, &iterator)) {
      if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
      const auto* bytes = static_cast<const uint8_t*>(packet->data.frame.buf);
      coded.bytes.insert(coded.bytes.end(), bytes, bytes + packet->data.frame.sz);
      coded.key = packet->data.frame.flags & VPX_FRAME_IS_KEY;
    }
    vpx_codec_control(&codec_, VP8E_GET_LAST_QUANTIZER, &coded.qp);
    if (settings_.layers > 1) {
      vpx_svc_layer_id_t id = {};
      if (vpx_codec_control(&codec_, VP9E_GET_SVC_LAYER_ID, &id) != VPX_CODEC_OK) return false;
      coded.temporal_id = id.temporal_layer_id;
    }
    return !coded.bytes.empty();
  }

  bool SetRates(const Rates& rates) override {
    settings_.rates = rates;
    config_.rc_target_bitrate = Kilobits(rates);
    SetLayerRates();
    return vpx_codec_enc_config_set(&codec_, &config_) == VPX_CODEC_OK;
  }

  std::vector<uint8_t> Headers() override { return {}; }

 private:
  bool Restart() {
    const EncoderSettings settings = settings_;
    vpx_codec_destroy(&codec_);
    open_ = false;
    frame_ = 0;
    return Init(settings);
  }

  void SetLayerRates() {
    static constexpr unsigned kPercent[2][3] = {{60, 100, 0}, {40, 60, 100}};
    for (int layer = 0; settings_.layers > 1 && layer < settings_.layers; ++layer)
      config_.layer_target_bitrate[layer] = config_.ts_target_bitrate[layer] =
          config_.rc_target_bitrate * kPercent[settings_.layers - 2][layer] / 100;
  }

  bool BeginLayers() {
    vpx_svc_extra_cfg_t svc = {};
    svc.scaling_factor_num[0] = svc.scaling_factor_den[0] = 1;
    for (int layer = 0; layer < settings_.layers; ++layer) {
      svc.min_quantizers[layer] = static_cast<int>(config_.rc_min_quantizer);
      svc.max_quantizers[layer] = static_cast<int>(config_.rc_max_quantizer);
    }
    return vpx_codec_control(&codec_, VP9E_SET_SVC, 1) == VPX_CODEC_OK &&
           vpx_codec_control(&codec_, VP9E_SET_SVC_PARAMETERS, &svc) == VPX_CODEC_OK;
  }

  unsigned Kilobits(const Rates& rates) const {
    return static_cast<unsigned>(static_cast<double>(rates.bits_per_second) / 1000 * first_rate_ / rates.frames_per_second);
  }

  vpx_codec_ctx_t codec_ = {};
  vpx_codec_enc_cfg_t config_ = {};
  bool open_ = false;
  double first_rate_ = 30;
  int64_t frame_ = 0;
  EncoderSettings settings_;
};

class VpxDecoder : public Decoder {
 public:
  ~VpxDecoder() override {
    if (open_) vpx_codec_destroy(&codec_);
  }

  bool Init(Codec codec) {
    vpx_codec_dec_cfg_t config = {};
    config.threads = 1;
    open_ = vpx_codec_dec_init(&codec_, codec == Codec::kVp8 ? vpx_codec_vp8_dx() : vpx_codec_vp9_dx(), &config, 0) ==
            VPX_CODEC_OK;
    return open_;
  }

  bool Decode(const uint8_t* data, size_t size, std::vector<Picture>& pictures) override {
    if (vpx_codec_decode(&codec_, data, static_cast<unsigned>(size), nullptr, 0) != VPX_CODEC_OK) return false;
    vpx_codec_iter_t iterator = nullptr;
    while (const vpx_image_t* image = vpx_codec_get_frame(&codec_, &iterator)) {
      if (image->fmt != VPX_IMG_FMT_I420) return false;
      Picture& picture = pictures.emplace_back();
      picture.Resize(static_cast<int>(image->d_w), static_cast<int>(image->d_h));
      FromI420(picture, image->planes[0], static_cast<size_t>(image->stride[0]), image->planes[1], image->planes[2],
               static_cast<size_t>(image->stride[1]));
    }
    return true;
  }

 private:
  vpx_codec_ctx_t codec_ = {};
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Encoder> MakeVp9Encoder(const EncoderSettings& settings) {
  auto encoder = std::make_unique<Vp9Encoder>();
  return encoder->Init(settings) ? std::move(encoder) : nullptr;
}

std::unique_ptr<Decoder> MakeVpxDecoder(Codec codec) {
  auto decoder = std::make_unique<VpxDecoder>();
  return decoder->Init(codec) ? std::move(decoder) : nullptr;
}

}  // namespace standin
