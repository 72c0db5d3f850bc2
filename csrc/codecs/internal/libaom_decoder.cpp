#include <aom/aom_decoder.h>
#include <aom/aom_frame_buffer.h>
#include <aom/aomdx.h>

#include <algorithm>

#include "codecs/internal/av1_sequence.h"
#include "codecs/internal/frame_pool.h"
#include "codecs/internal/libaom_decoder.h"
#include "codecs/key_frame_decoder.h"
#include "common_video/include/video_frame_buffer.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {
namespace {

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
    pool_.Clear();
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
    // Threads decode tiles in parallel, not rows: for rows libaom would take 60 MB at 1280x720 and a tenth more time.
    return open_ && aom_codec_control(&context_, AV1D_SET_ROW_MT, 0u) == AOM_CODEC_OK &&
           aom_codec_set_frame_buffer_functions(&context_, &FramePool::Get<aom_codec_frame_buffer_t>,
                                                &FramePool::Release<aom_codec_frame_buffer_t>, &pool_) == AOM_CODEC_OK;
  }

  bool IsOpen() const override { return open_; }

  void Close() {
    if (open_) aom_codec_destroy(&context_);
    open_ = false;
  }

  int32_t DecodeFrame(const webrtc::EncodedImage& image) override {
    if (AnnouncesTooLargeFrames(image.data(), image.size())) return WEBRTC_VIDEO_CODEC_ERROR;
    if (aom_codec_decode(&context_, image.data(), image.size(), nullptr) != AOM_CODEC_OK) return WEBRTC_VIDEO_CODEC_ERROR;
    aom_codec_iter_t iterator = nullptr;
    while (const aom_image_t* frame = aom_codec_get_frame(&context_, &iterator)) {
      auto memory = FramePool::Of(*frame);
      if (frame->fmt != AOM_IMG_FMT_I420 || !memory) return WEBRTC_VIDEO_CODEC_ERROR;
      const auto buffer = webrtc::WrapI420Buffer(static_cast<int>(frame->d_w), static_cast<int>(frame->d_h),
                                                 frame->planes[0], frame->stride[0], frame->planes[1], frame->stride[1],
                                                 frame->planes[2], frame->stride[2], [memory] {});
      int qp = -1;
      aom_codec_control(&context_, AOMD_GET_LAST_QUANTIZER, &qp);
      Deliver(image, buffer, qp);
    }
    return WEBRTC_VIDEO_CODEC_OK;
  }

  bool open_ = false;
  unsigned threads_ = 1;
  FramePool pool_;
  aom_codec_ctx_t context_{};
};

}  // namespace

std::unique_ptr<webrtc::VideoDecoder> CreateLibaomDecoder() { return std::make_unique<LibaomDecoder>(); }

}  // namespace sora
