#include "codecs/internal/vp8_decoder.h"

#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include "codecs/frame_limit.h"
#include "codecs/key_frame_decoder.h"
#include "common_video/include/video_frame_buffer_pool.h"
#include "libyuv/convert.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {
namespace {

// As many as sinks may hold, several times over.
constexpr size_t kMaxCopies = 150;

// libwebrtc's own has libvpx post-process frames as well. Up to 320x240 that takes longer than decoding and moves them away from
// what was encoded; above, it copies each of them once more, for 0.1 dB in some frames after a key frame.
class Vp8Decoder : public KeyFrameDecoder {
 public:
  Vp8Decoder() : pool_(/*zero_initialize=*/false, kMaxCopies) {}
  ~Vp8Decoder() override { Release(); }

  bool Configure(const Settings&) override {
    Release();
    return Renew();
  }

  int32_t Release() override {
    Close();
    pool_.Release();
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
    if (vpx_codec_decode(&context_, image.data(), size, nullptr, 0) != VPX_CODEC_OK) return WEBRTC_VIDEO_CODEC_ERROR;
    vpx_codec_iter_t iterator = nullptr;
    const vpx_image_t* decoded = vpx_codec_get_frame(&context_, &iterator);
    if (!decoded) return WEBRTC_VIDEO_CODEC_OK;
    const auto buffer = Copy(*decoded);
    if (!buffer) return WEBRTC_VIDEO_CODEC_ERROR;
    int qp = -1;
    vpx_codec_control(&context_, VPXD_GET_LAST_QUANTIZER, &qp);
    Deliver(image, buffer, qp);
    return WEBRTC_VIDEO_CODEC_OK;
  }

  // libvpx keeps a frame until the next one and has no way to decode VP8 into memory of others. Null: all buffers are held.
  rtc::scoped_refptr<webrtc::I420Buffer> Copy(const vpx_image_t& from) {
    const auto width = static_cast<int>(from.d_w), height = static_cast<int>(from.d_h);
    auto to = pool_.CreateI420Buffer(width, height);
    if (!to) return nullptr;
    libyuv::I420Copy(from.planes[0], from.stride[0], from.planes[1], from.stride[1], from.planes[2], from.stride[2],
                     to->MutableDataY(), to->StrideY(), to->MutableDataU(), to->StrideU(), to->MutableDataV(), to->StrideV(),
                     width, height);
    return to;
  }

  bool open_ = false;
  webrtc::VideoFrameBufferPool pool_;
  vpx_codec_ctx_t context_{};
};

}  // namespace

std::unique_ptr<webrtc::VideoDecoder> CreateVp8Decoder() { return std::make_unique<Vp8Decoder>(); }

}  // namespace sora
