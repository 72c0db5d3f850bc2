// AV1 by libaom.
#include <aom/aom_decoder.h>
#include <aom/aom_encoder.h>
#include <aom/aomcx.h>
#include <aom/aomdx.h>

#include "soft/codec.h"

namespace standin {
namespace {

class AomEncoder : public Encoder {
 public:
  ~AomEncoder() override {
    if (open_) aom_codec_destroy(&codec_);
  }

  bool Init(const EncoderSettings& settings) {
    if (aom_codec_enc_config_default(aom_codec_av1_cx(), &config_, AOM_USAGE_REALTIME) != AOM_CODEC_OK) return false;
    first_rate_ = settings.rates.frames_per_second;
    config_.g_w = static_cast<unsigned>(settings.width);
    config_.g_h = static_cast<unsigned>(settings.height);
    config_.g_threads = 1;
    // Each frame lasts a unit of time; another frame rate changes the bits for a frame.
    config_.g_timebase = {1000, static_cast<int>(first_rate_ * 1000)};
    config_.g_lag_in_frames = 0;
    config_.kf_mode = AOM_KF_DISABLED;
    config_.rc_end_usage = AOM_CBR;
    config_.rc_target_bitrate = Kilobits(settings.rates);
    config_.rc_min_quantizer = 2;
    config_.rc_max_quantizer = 56;
    config_.rc_buf_initial_sz = 400;
    config_.rc_buf_optimal_sz = 500;
    config_.rc_buf_sz = 600;
    if (aom_codec_enc_init(&codec_, aom_codec_av1_cx(), &config_, 0) != AOM_CODEC_OK) return false;
    open_ = true;
    layers_ = settings.layers;
    return aom_codec_control(&codec_, AOME_SET_CPUUSED, 10) == AOM_CODEC_OK && SetLayerRates();
  }

  bool Encode(const Picture& picture, bool key, Coded& coded) override {
    aom_image_t image;
    if (!aom_img_wrap(&image, AOM_IMG_FMT_I420, config_.g_w, config_.g_h, 1, const_cast<uint8_t*>(picture.y.data())))
      return false;
    image.planes[1] = const_cast<uint8_t*>(picture.u.data());
    image.planes[2] = const_cast<uint8_t*>(picture.v.data());
    image.stride[0] = picture.width;
    image.stride[1] = image.stride[2] = (picture.width + 1) / 2;
    if (key) position_ = 0;
    if (layers_ > 1 && !SetReferences(LayerAt(position_, layers_))) return false;
    coded.temporal_id = LayerAt(position_++, layers_);
    if (aom_codec_encode(&codec_, &image, frame_++, 1, key ? AOM_EFLAG_FORCE_KF : 0) != AOM_CODEC_OK) return false;
    aom_codec_iter_t iterator = nullptr;
    while (const aom_codec_cx_pkt_t* packet = aom_codec_get_cx_data(&codec_, &iterator)) {
      if (packet->kind != AOM_CODEC_CX_FRAME_PKT) continue;
      const auto* bytes = static_cast<const uint8_t*>(packet->data.frame.buf);
      coded.bytes.insert(coded.bytes.end(), bytes, bytes + packet->data.frame.sz);
      coded.key = packet->data.frame.flags & AOM_FRAME_IS_KEY;
    }
    aom_codec_control(&codec_, AOME_GET_LAST_QUANTIZER, &coded.qp);
    return !coded.bytes.empty();
  }

  bool SetRates(const Rates& rates) override {
    config_.rc_target_bitrate = Kilobits(rates);
    return SetLayerRates() && aom_codec_enc_config_set(&codec_, &config_) == AOM_CODEC_OK;
  }

  std::vector<uint8_t> Headers() override {
    aom_fixed_buf_t* header = aom_codec_get_global_headers(&codec_);
    if (!header) return {};
    const auto* bytes = static_cast<const uint8_t*>(header->buf);
    std::vector<uint8_t> copy(bytes, bytes + header->sz);
    free(header->buf);
    free(header);
    return copy;
  }

 private:
  bool SetLayerRates() {
    if (layers_ == 1) return true;
    static constexpr int kPercent[2][3] = {{60, 100, 0}, {40, 60, 100}};
    aom_svc_params_t svc = {};
    svc.number_spatial_layers = 1;
    svc.number_temporal_layers = layers_;
    svc.scaling_factor_num[0] = svc.scaling_factor_den[0] = 1;
    for (int layer = 0; layer < layers_; ++layer) {
      svc.min_quantizers[layer] = static_cast<int>(config_.rc_min_quantizer);
      svc.max_quantizers[layer] = static_cast<int>(config_.rc_max_quantizer);
      svc.layer_target_bitrate[layer] = static_cast<int>(config_.rc_target_bitrate) * kPercent[layers_ - 2][layer] / 100;
      svc.framerate_factor[layer] = 1 << (layers_ - 1 - layer);
    }
    return aom_codec_control(&codec_, AV1E_SET_SVC_PARAMS, &svc) == AOM_CODEC_OK;
  }

  // The base refers to the last frame of the base, in buffer 0; layer 1 of three to that as well, and is kept in buffer 1 for what
  // comes behind it; the highest layer to the last frame below it, and is not kept.
  bool SetReferences(int layer) {
    aom_svc_layer_id_t id = {};
    id.temporal_layer_id = layer;
    aom_svc_ref_frame_config_t references = {};
    const bool behind_middle = layers_ == 3 && position_ % 4 == 3;
    for (int& slot : references.ref_idx) slot = behind_middle ? 1 : 0;
    references.reference[0] = 1;
    if (layer == 0) references.refresh[0] = 1;
    if (layers_ == 3 && layer == 1) {
      references.ref_idx[1] = 1;
      references.refresh[1] = 1;
    }
    return aom_codec_control(&codec_, AV1E_SET_SVC_LAYER_ID, &id) == AOM_CODEC_OK &&
           aom_codec_control(&codec_, AV1E_SET_SVC_REF_FRAME_CONFIG, &references) == AOM_CODEC_OK;
  }

  unsigned Kilobits(const Rates& rates) const {
    return static_cast<unsigned>(static_cast<double>(rates.bits_per_second) / 1000 * first_rate_ / rates.frames_per_second);
  }

  aom_codec_ctx_t codec_ = {};
  aom_codec_enc_cfg_t config_ = {};
  bool open_ = false;
  double first_rate_ = 30;
  int64_t frame_ = 0, position_ = 0;
  int layers_ = 1;
};

class AomDecoder : public Decoder {
 public:
  ~AomDecoder() override {
    if (open_) aom_codec_destroy(&codec_);
  }

  bool Init() {
    aom_codec_dec_cfg_t config = {};
    config.threads = 1;
    config.allow_lowbitdepth = 1;
    open_ = aom_codec_dec_init(&codec_, aom_codec_av1_dx(), &config, 0) == AOM_CODEC_OK;
    return open_;
  }

  bool Decode(const uint8_t* data, size_t size, std::vector<Picture>& pictures) override {
    if (aom_codec_decode(&codec_, data, size, nullptr) != AOM_CODEC_OK) return false;
    aom_codec_iter_t iterator = nullptr;
    while (const aom_image_t* image = aom_codec_get_frame(&codec_, &iterator)) {
      if (image->fmt != AOM_IMG_FMT_I420) return false;
      Picture& picture = pictures.emplace_back();
      picture.Resize(static_cast<int>(image->d_w), static_cast<int>(image->d_h));
      FromI420(picture, image->planes[0], static_cast<size_t>(image->stride[0]), image->planes[1], image->planes[2],
               static_cast<size_t>(image->stride[1]));
    }
    return true;
  }

 private:
  aom_codec_ctx_t codec_ = {};
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Encoder> MakeAomEncoder(const EncoderSettings& settings) {
  auto encoder = std::make_unique<AomEncoder>();
  return encoder->Init(settings) ? std::move(encoder) : nullptr;
}

std::unique_ptr<Decoder> MakeAomDecoder() {
  auto decoder = std::make_unique<AomDecoder>();
  return decoder->Init() ? std::move(decoder) : nullptr;
}

}  // namespace standin
