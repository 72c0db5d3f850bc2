#include "codecs/internal/dav1d_decoder.h"

#include <dav1d/dav1d.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "codecs/frame_limit.h"
#include "codecs/key_frame_decoder.h"
#include "common_video/include/video_frame_buffer.h"
#include "modules/video_coding/include/video_error_codes.h"
#include "os/shared_library.h"

namespace sora {
namespace {

// dav1d as it is installed on the machine, opened once and kept.
struct Dav1d {
  decltype(&dav1d_version) version = nullptr;
  decltype(&dav1d_default_settings) default_settings = nullptr;
  decltype(&dav1d_open) open = nullptr;
  decltype(&dav1d_close) close = nullptr;
  decltype(&dav1d_data_create) data_create = nullptr;
  decltype(&dav1d_data_unref) data_unref = nullptr;
  decltype(&dav1d_send_data) send_data = nullptr;
  decltype(&dav1d_get_picture) get_picture = nullptr;
  decltype(&dav1d_picture_unref) picture_unref = nullptr;
};

template <typename Function>
bool Resolve(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(FindFunction(library, name));
  return function != nullptr;
}

// Null when the machine has none, or one with another interface than the headers that this was compiled with.
const Dav1d* Library() {
  static const Dav1d* const instance = []() -> const Dav1d* {
    void* const library = OpenInstalledLibrary("dav1d", 7);
    if (!library) return nullptr;
    auto found = std::make_unique<Dav1d>();
    decltype(&dav1d_version_api) version_api = nullptr;
    const bool whole =
        Resolve(library, "dav1d_version_api", version_api) && Resolve(library, "dav1d_version", found->version) &&
        Resolve(library, "dav1d_default_settings", found->default_settings) && Resolve(library, "dav1d_open", found->open) &&
        Resolve(library, "dav1d_close", found->close) && Resolve(library, "dav1d_data_create", found->data_create) &&
        Resolve(library, "dav1d_data_unref", found->data_unref) && Resolve(library, "dav1d_send_data", found->send_data) &&
        Resolve(library, "dav1d_get_picture", found->get_picture) &&
        Resolve(library, "dav1d_picture_unref", found->picture_unref);
    if (!whole || version_api() >> 16 != DAV1D_API_VERSION_MAJOR) {
      CloseLibrary(library);
      return nullptr;
    }
    return found.release();
  }();
  return instance;
}

// A decoded frame of dav1d's, returned to it on destruction.
class Picture {
 public:
  explicit Picture(const Dav1d& dav1d) : dav1d_(dav1d) {}
  ~Picture() { dav1d_.picture_unref(&picture_); }
  Picture(const Picture&) = delete;
  Dav1dPicture* get() { return &picture_; }

 private:
  const Dav1d& dav1d_;
  Dav1dPicture picture_{};
};

class Dav1dDecoder : public KeyFrameDecoder {
 public:
  explicit Dav1dDecoder(const Dav1d& dav1d) : dav1d_(dav1d) {}
  ~Dav1dDecoder() override { Release(); }

  bool Configure(const Settings& settings) override {
    threads_ = std::clamp(settings.number_of_cores(), 1, 8);
    return Renew();
  }

  int32_t Release() override {
    if (context_) dav1d_.close(&context_);
    context_ = nullptr;
    return WEBRTC_VIDEO_CODEC_OK;
  }

  DecoderInfo GetDecoderInfo() const override { return {"dav1d", false}; }

 private:
  bool Open() override {
    Release();
    Dav1dSettings settings;
    dav1d_.default_settings(&settings);
    settings.n_threads = threads_;
    settings.max_frame_delay = 1;  // each frame comes out before the next goes in
    settings.all_layers = 0;
    settings.frame_size_limit = kMaxPixels;
    settings.logger = {nullptr, nullptr};
    return dav1d_.open(&context_, &settings) == 0;
  }

  bool IsOpen() const override { return context_ != nullptr; }

  int32_t DecodeFrame(const webrtc::EncodedImage& image) override {
    Dav1dData data{};
    uint8_t* bytes = image.size() ? dav1d_.data_create(&data, image.size()) : nullptr;
    if (!bytes) return WEBRTC_VIDEO_CODEC_ERROR;
    std::copy_n(image.data(), image.size(), bytes);
    // Data that holds several frames is consumed in parts.
    while (data.sz > 0) {
      const size_t before = data.sz;
      const int sent = dav1d_.send_data(context_, &data);
      const int shown = Show(image);
      if ((sent != 0 && sent != DAV1D_ERR(EAGAIN)) || shown < 0 || (shown == 0 && data.sz == before)) {
        dav1d_.data_unref(&data);
        return WEBRTC_VIDEO_CODEC_ERROR;
      }
    }
    return WEBRTC_VIDEO_CODEC_OK;
  }

  // Delivers the frames that are ready and returns their number, or -1 when one cannot be decoded or shown.
  int Show(const webrtc::EncodedImage& image) {
    for (int shown = 0;; ++shown) {
      const auto picture = std::make_shared<Picture>(dav1d_);
      const int got = dav1d_.get_picture(context_, picture->get());
      if (got != 0) return got == DAV1D_ERR(EAGAIN) ? shown : -1;
      const Dav1dPicture& p = *picture->get();
      if (p.p.layout != DAV1D_PIXEL_LAYOUT_I420 || p.p.bpc != 8) return -1;
      const int chroma_stride = static_cast<int>(p.stride[1]);
      const int qp = p.frame_hdr ? p.frame_hdr->quant.yac : -1;
      const auto* y = static_cast<const uint8_t*>(p.data[0]);
      const auto* u = static_cast<const uint8_t*>(p.data[1]);
      const auto* v = static_cast<const uint8_t*>(p.data[2]);
      Deliver(image,
              webrtc::WrapI420Buffer(p.p.w, p.p.h, y, static_cast<int>(p.stride[0]), u, chroma_stride, v, chroma_stride,
                                     [picture] {}),
              qp);
    }
  }

  const Dav1d& dav1d_;
  int threads_ = 1;
  Dav1dContext* context_ = nullptr;
};

}  // namespace

std::unique_ptr<webrtc::VideoDecoder> CreateDav1dDecoder() {
  const Dav1d* dav1d = Library();
  return dav1d ? std::make_unique<Dav1dDecoder>(*dav1d) : nullptr;
}

std::string Dav1dVersion() {
  const Dav1d* dav1d = Library();
  return dav1d ? dav1d->version() : "";
}

}  // namespace sora
