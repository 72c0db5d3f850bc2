#include "codecs/internal/vpx_decoder.h"

#include <vpx/vp8dx.h>

#include "codecs/frame_limit.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {

bool VpxDecoder::Begin(unsigned threads) {
  Close();
  vpx_codec_dec_cfg_t config{};
  config.threads = threads;
  open_ = vpx_codec_dec_init(&context_, codec_, &config, 0) == VPX_CODEC_OK;
  return open_;
}

void VpxDecoder::Close() {
  if (open_) vpx_codec_destroy(&context_);
  open_ = false;
}

vpx_codec_stream_info_t VpxDecoder::Peek(const webrtc::EncodedImage& image) const {
  vpx_codec_stream_info_t info{};
  info.sz = sizeof(info);
  vpx_codec_peek_stream_info(codec_, image.data(), static_cast<unsigned>(image.size()), &info);
  return info;
}

int32_t VpxDecoder::DecodeFrame(const webrtc::EncodedImage& image) {
  const auto size = static_cast<unsigned>(image.size());
  // libvpx would show the frame before once more (VP8), or take it for the end of the stream (VP9).
  if (size == 0) return WEBRTC_VIDEO_CODEC_ERROR;
  const auto info = Peek(image);
  if (uint64_t{info.w} * info.h > kMaxPixels || !Admit(info)) return WEBRTC_VIDEO_CODEC_ERROR;
  if (vpx_codec_decode(&context_, image.data(), size, nullptr, 0) != VPX_CODEC_OK) return WEBRTC_VIDEO_CODEC_ERROR;
  vpx_codec_iter_t iterator = nullptr;
  const vpx_image_t* decoded = vpx_codec_get_frame(&context_, &iterator);
  if (!decoded) return WEBRTC_VIDEO_CODEC_OK;
  const auto buffer = BufferOf(*decoded);
  if (!buffer) return WEBRTC_VIDEO_CODEC_ERROR;
  int qp = -1;
  vpx_codec_control(&context_, VPXD_GET_LAST_QUANTIZER, &qp);
  Deliver(image, buffer, qp);
  return WEBRTC_VIDEO_CODEC_OK;
}

}  // namespace sora
