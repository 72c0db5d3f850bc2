#include <aom/aom_decoder.h>
#include <aom/aomdx.h>
#include <libyuv.h>

#include <algorithm>

#include "api/video/i420_buffer.h"
#include "codecs/internal/libaom_decoder.h"
#include "codecs/key_frame_decoder.h"
#include "common_video/include/video_frame_buffer_pool.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {
namespace {

// The largest picture of AV1's levels up to 6.3.
constexpr uint64_t kMaxPixels = 35'651'584;

class LibaomDecoder : public KeyFrameDecoder {
 public:
  ~LibaomDecoder() override { Release(); }

  bool Configure(const Settings& settings) override {
    Release();
    threads_ = static_cast<unsigned>(std::clamp(settings.number_of_cores(), 1, 8));
    return Renew();
  }

  int32_t Release() override {
    Close();
    pool_.Release();
    return WEBRTC_VIDEO_CODEC_OK;
  }

  DecoderInfo GetDecoderInfo() const override { return {"libaom", false}; }

 private:
  bool Open() override {
    Close();
    aom_codec_dec_cfg_t config{};
    config.threads = threads_;
    config.allow_lowbitdepth = 1;
    open_ = aom_codec_dec_init(&context_, aom_codec_av1_dx(), &config, 0) == AOM_CODEC_OK;
    return open_;
  }

  bool IsOpen() const override { return open_; }

  void Close() {
    if (open_) aom_codec_destroy(&context_);
    open_ = false;
  }

  int32_t DecodeFrame(const webrtc::EncodedImage& image) override {
    if (TooLarge(image)) return WEBRTC_VIDEO_CODEC_ERROR;
    if (aom_codec_decode(&context_, image.data(), image.size(), nullptr) != AOM_CODEC_OK) return WEBRTC_VIDEO_CODEC_ERROR;
    aom_codec_iter_t iterator = nullptr;
    while (const aom_image_t* picture = aom_codec_get_frame(&context_, &iterator)) {
      if (picture->fmt != AOM_IMG_FMT_I420) return WEBRTC_VIDEO_CODEC_ERROR;
      const int width = static_cast<int>(picture->d_w), height = static_cast<int>(picture->d_h);
      const auto buffer = pool_.CreateI420Buffer(width, height);
      if (!buffer) return WEBRTC_VIDEO_CODEC_MEMORY;
      libyuv::I420Copy(picture->planes[0], picture->stride[0], picture->planes[1], picture->stride[1], picture->planes[2],
                       picture->stride[2], buffer->MutableDataY(), buffer->StrideY(), buffer->MutableDataU(),
                       buffer->StrideU(), buffer->MutableDataV(), buffer->StrideV(), width, height);
      int qp = -1;
      absl::optional<uint8_t> reported;
      if (aom_codec_control(&context_, AOMD_GET_LAST_QUANTIZER, &qp) == AOM_CODEC_OK && qp >= 0 && qp <= 255)
        reported = static_cast<uint8_t>(qp);
      Deliver(image, buffer, reported);
    }
    return WEBRTC_VIDEO_CODEC_OK;
  }

  // A few bytes may announce pictures of gigabytes.
  static bool TooLarge(const webrtc::EncodedImage& image) {
    aom_codec_stream_info_t info{};
    return aom_codec_peek_stream_info(aom_codec_av1_dx(), image.data(), image.size(), &info) == AOM_CODEC_OK &&
           uint64_t{info.w} * info.h > kMaxPixels;
  }

  bool open_ = false;
  unsigned threads_ = 1;
  aom_codec_ctx_t context_{};
  webrtc::VideoFrameBufferPool pool_{false, 150};
};

}  // namespace

std::unique_ptr<webrtc::VideoDecoder> CreateLibaomDecoder() { return std::make_unique<LibaomDecoder>(); }

}  // namespace sora
