#include "codecs/internal/vp9_decoder.h"

#include <vpx/vp8dx.h>
#include <vpx/vpx_frame_buffer.h>

#include <algorithm>

#include "codecs/internal/frame_pool.h"
#include "codecs/internal/vpx_decoder.h"
#include "common_video/include/video_frame_buffer.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {
namespace {

// Two for 1280x720 and in proportion, up to the number of cores: more would wait for each other.
unsigned ThreadsFor(uint64_t pixels, int cores) {
  return static_cast<unsigned>(
      std::clamp<uint64_t>(pixels * 2 / (1280 * 720), 1, static_cast<uint64_t>(std::max(cores, 1))));
}

// Wraps a frame where libvpx decoded it; null for formats that are never negotiated: 4:4:0 and 12 bits.
rtc::scoped_refptr<webrtc::VideoFrameBuffer> Wrap(const vpx_image_t& decoded) {
  const auto memory = FramePool::Of(decoded);
  if (!memory) return nullptr;
  const auto width = static_cast<int>(decoded.d_w), height = static_cast<int>(decoded.d_h);
  const auto wrap = [&](auto function) {
    return function(width, height, decoded.planes[0], decoded.stride[0], decoded.planes[1], decoded.stride[1],
                    decoded.planes[2], decoded.stride[2], [memory] {});
  };
  const auto wrap_deep = [&](auto function) {
    const auto plane = [&](int i) { return reinterpret_cast<const uint16_t*>(decoded.planes[i]); };
    return function(width, height, plane(0), decoded.stride[0] / 2, plane(1), decoded.stride[1] / 2, plane(2),
                    decoded.stride[2] / 2, [memory] {});
  };
  switch (decoded.fmt) {
    case VPX_IMG_FMT_I420: return wrap(webrtc::WrapI420Buffer);
    case VPX_IMG_FMT_I422: return wrap(webrtc::WrapI422Buffer);
    case VPX_IMG_FMT_I444: return wrap(webrtc::WrapI444Buffer);
    default: break;
  }
  if (decoded.bit_depth != 10) return nullptr;
  switch (decoded.fmt) {
    case VPX_IMG_FMT_I42016: return wrap_deep(webrtc::WrapI010Buffer);
    case VPX_IMG_FMT_I42216: return wrap_deep(webrtc::WrapI210Buffer);
    case VPX_IMG_FMT_I44416: return wrap_deep(webrtc::WrapI410Buffer);
    default: return nullptr;
  }
}

class Vp9Decoder : public VpxDecoder {
 public:
  Vp9Decoder() : VpxDecoder(vpx_codec_vp9_dx()) {}
  ~Vp9Decoder() override { Release(); }

  bool Configure(const Settings& settings) override {
    Release();
    cores_ = settings.number_of_cores();
    const auto size = settings.max_render_resolution();
    threads_ =
        ThreadsFor(size.Valid() ? static_cast<uint64_t>(size.Width()) * static_cast<uint64_t>(size.Height()) : 0, cores_);
    return Renew();
  }

  int32_t Release() override {
    Close();
    pool_.Clear();
    return WEBRTC_VIDEO_CODEC_OK;
  }

 private:
  bool Open() override {
    return Begin(threads_) &&
           vpx_codec_set_frame_buffer_functions(&context_, &FramePool::Get<vpx_codec_frame_buffer_t>,
                                                &FramePool::Release<vpx_codec_frame_buffer_t>, &pool_) == VPX_CODEC_OK &&
           // Rows are filtered as soon as they are decoded.
           vpx_codec_control(&context_, VP9D_SET_LOOP_FILTER_OPT, 1) == VPX_CODEC_OK;
  }

  // In RTP a key frame is any frame that is not predicted from earlier ones (RFC 9628, 4.2). Key frames of the bitstream reset the
  // decoder; others may need its state.
  bool StandsAlone(const webrtc::EncodedImage& image) const override { return Peek(image).is_kf; }

  // Larger frames than the one it tells of, after it in the data or by scaling, get no memory from the pool.
  bool Admit(const vpx_codec_stream_info_t& info) override {
    const unsigned threads = ThreadsFor(uint64_t{info.w} * info.h, cores_);
    if (!info.is_kf || threads == threads_) return true;
    threads_ = threads;
    return Open();
  }

  rtc::scoped_refptr<webrtc::VideoFrameBuffer> BufferOf(const vpx_image_t& decoded) override { return Wrap(decoded); }

  int cores_ = 1;
  unsigned threads_ = 1;
  FramePool pool_;
};

}  // namespace

std::unique_ptr<webrtc::VideoDecoder> CreateVp9Decoder() { return std::make_unique<Vp9Decoder>(); }

}  // namespace sora
