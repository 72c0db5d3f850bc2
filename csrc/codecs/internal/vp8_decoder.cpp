#include "codecs/internal/vp8_decoder.h"

#include <vpx/vp8dx.h>

#include "codecs/internal/vpx_decoder.h"
#include "codecs/lent_frame.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {
namespace {

// As many as sinks may hold, several times over.
constexpr size_t kMaxCopies = 150;

// libwebrtc's own has libvpx post-process frames as well. Up to 320x240 that takes longer than decoding and moves them away from
// what was encoded; above, it copies each of them once more, for 0.1 dB in some frames after a key frame.
class Vp8Decoder : public VpxDecoder {
 public:
  Vp8Decoder() : VpxDecoder(vpx_codec_vp8_dx()) {}
  ~Vp8Decoder() override { Release(); }

  bool Configure(const Settings&) override {
    Release();
    return Renew();
  }

  int32_t Release() override {
    lender_.End();
    Close();
    return WEBRTC_VIDEO_CODEC_OK;
  }

 private:
  bool Open() override {
    lender_.End();
    return Begin(/*threads=*/1);
  }

  bool Admit(const vpx_codec_stream_info_t&) override { return lender_.TakeBack(); }

  // libvpx leaves them as they are until the next call, and has no way to decode VP8 into memory of others.
  rtc::scoped_refptr<webrtc::VideoFrameBuffer> BufferOf(const vpx_image_t& image) override {
    return lender_.Lend({static_cast<int>(image.d_w), static_cast<int>(image.d_h), image.planes[0], image.planes[1],
                         image.planes[2], image.stride[0], image.stride[1], image.stride[2]});
  }

  Lender lender_{kMaxCopies};
};

}  // namespace

std::unique_ptr<webrtc::VideoDecoder> CreateVp8Decoder() { return std::make_unique<Vp8Decoder>(); }

}  // namespace sora
