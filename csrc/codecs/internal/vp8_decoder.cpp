#include "codecs/internal/vp8_decoder.h"

#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include "codecs/frame_limit.h"
#include "codecs/key_frame_decoder.h"
#include "codecs/lent_frame.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {
namespace {

// As many as sinks may hold, several times over.
constexpr size_t kMaxCopies = 150;

// libwebrtc's own has libvpx post-process frames as well. Up to 320x240 that takes longer than decoding and moves them away from
// what was encoded; above, it copies each of them once more, for 0.1 dB in some frames after a key frame.
class Vp8Decoder : public KeyFrameDecoder {
 public:
  ~Vp8Decoder() override { Release(); }

  bool Configure(const Settings&) override {
    Release();
    return Renew();
  }

  int32_t Release() override {
    Close();
    return WEBRTC_VIDEO_CODEC_OK;
  }

  DecoderInfo GetDecoderInfo() const override { return {"libvpx", false}; }

 private:
  bool Open() override {
    Close();
    vpx_codec_dec_cfg_t config{};
    config.threads = 1;
    open_ = vpx_codec_dec_init(&context_, vpx_codec_vp8_dx(), &config, 0) == VPX_CODEC_OK;
    return open_;
  }

  bool IsOpen() const override { return open_; }

  void Close() {
    lender_.End();
    if (open_) vpx_codec_destroy(&context_);
    open_ = false;
  }

  int32_t DecodeFrame(const webrtc::EncodedImage& image) override {
    const auto size = static_cast<unsigned>(image.size());
    if (size == 0) return WEBRTC_VIDEO_CODEC_ERROR;  // libvpx would show the frame before once more
    vpx_codec_stream_info_t info{};
    info.sz = sizeof(info);
    vpx_codec_peek_stream_info(vpx_codec_vp8_dx(), image.data(), size, &info);
    if (info.is_kf && uint64_t{info.w} * info.h > kMaxPixels) return WEBRTC_VIDEO_CODEC_ERROR;
    if (!lender_.TakeBack()) return WEBRTC_VIDEO_CODEC_ERROR;
    if (vpx_codec_decode(&context_, image.data(), size, nullptr, 0) != VPX_CODEC_OK) return WEBRTC_VIDEO_CODEC_ERROR;
    vpx_codec_iter_t iterator = nullptr;
    const vpx_image_t* decoded = vpx_codec_get_frame(&context_, &iterator);
    if (!decoded) return WEBRTC_VIDEO_CODEC_OK;
    int qp = -1;
    vpx_codec_control(&context_, VPXD_GET_LAST_QUANTIZER, &qp);
    Deliver(image, lender_.Lend(PlanesOf(*decoded)), qp);
    return WEBRTC_VIDEO_CODEC_OK;
  }

  // libvpx leaves them as they are until the next call, and has no way to decode VP8 into memory of others.
  static LentPlanes PlanesOf(const vpx_image_t& image) {
    return {static_cast<int>(image.d_w),
            static_cast<int>(image.d_h),
            image.planes[0],
            image.planes[1],
            image.planes[2],
            image.stride[0],
            image.stride[1],
            image.stride[2]};
  }

  bool open_ = false;
  Lender lender_{kMaxCopies};
  vpx_codec_ctx_t context_{};
};

}  // namespace

std::unique_ptr<webrtc::VideoDecoder> CreateVp8Decoder() { return std::make_unique<Vp8Decoder>(); }

}  // namespace sora
