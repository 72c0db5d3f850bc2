// H.265 by x265 and libde265, which are not linked: x265 is GPL, and of the machine's own release both.
#include "soft/codec.h"
#include "soft/libraries.h"

#if __has_include(<x265.h>) && __has_include(<libde265/de265.h>)
#include <libde265/de265.h>
#include <x265.h>

#include <algorithm>
#include <cmath>

namespace standin {
namespace {

#define STANDIN_TEXT(x) #x
#define STANDIN_NUMBER(x) STANDIN_TEXT(x)

// The functions of x265, whose version is in the name of the one that is looked up.
const x265_api* X265() {
  using Get = const x265_api* (*)(int);
  static const x265_api* const api = [] {
    const auto get = reinterpret_cast<Get>(LibraryFunction("libx265.so.", "x265_api_get_" STANDIN_NUMBER(X265_BUILD)));
    return get ? get(8) : nullptr;
  }();
  return api;
}

class X265Encoder : public Encoder {
 public:
  ~X265Encoder() override {
    if (encoder_) X265()->encoder_close(encoder_);
    if (parameters_) X265()->param_free(parameters_);
  }

  bool Init(const EncoderSettings& settings) {
    const x265_api* api = X265();
    parameters_ = api ? api->param_alloc() : nullptr;
    if (!parameters_ || api->param_default_preset(parameters_, "ultrafast", "zerolatency")) return false;
    x265_param& p = *parameters_;
    // In the caller's thread but for one of x265's own.
    api->param_parse(&p, "pools", "none");
    p.logLevel = X265_LOG_NONE;
    p.frameNumThreads = 1;
    p.bEnableWavefront = 0;
    p.internalCsp = X265_CSP_I420;
    p.sourceWidth = settings.width;
    p.sourceHeight = settings.height;
    p.fpsNum = static_cast<uint32_t>(std::lround(settings.rates.frames_per_second * 1000));
    p.fpsDenom = 1000;
    p.bRepeatHeaders = 1;
    p.bAnnexB = 1;
    p.keyframeMax = -1;
    p.bOpenGOP = 0;
    p.scenecutThreshold = 0;
    p.bEmitHRDSEI = 0;
    p.bEmitInfoSEI = 0;
    p.rc.rateControlMode = X265_RC_CQP;
    p.rc.qp = static_cast<int>(quantizer_);
    SetRates(settings.rates);
    encoder_ = api->encoder_open(&p);
    return encoder_ != nullptr;
  }

  bool Encode(const Picture& picture, bool key, Coded& coded) override {
    const x265_api* api = X265();
    x265_picture in, out;
    api->picture_init(parameters_, &in);
    api->picture_init(parameters_, &out);
    in.bitDepth = 8;
    in.colorSpace = X265_CSP_I420;
    in.planes[0] = const_cast<uint8_t*>(picture.y.data());
    in.planes[1] = const_cast<uint8_t*>(picture.u.data());
    in.planes[2] = const_cast<uint8_t*>(picture.v.data());
    in.stride[0] = picture.width;
    in.stride[1] = in.stride[2] = (picture.width + 1) / 2;
    in.pts = frame_++;
    in.sliceType = key || in.pts == 0 ? X265_TYPE_IDR : X265_TYPE_P;
    in.forceqp = static_cast<int>(std::lround(quantizer_)) + 1;
    x265_nal* nals = nullptr;
    uint32_t count = 0;
    if (api->encoder_encode(encoder_, &nals, &count, &in, &out) <= 0) return false;
    for (uint32_t i = 0; i < count; ++i)
      coded.bytes.insert(coded.bytes.end(), nals[i].payload, nals[i].payload + nals[i].sizeBytes);
    coded.key = IS_X265_TYPE_I(out.sliceType);
    coded.qp = static_cast<int>(std::lround(out.frameData.qp));
    Adapt(static_cast<double>(coded.bytes.size()) * 8, coded.key);
    return true;
  }

  bool SetRates(const Rates& rates) override {
    frame_bits_ = static_cast<double>(rates.bits_per_second) / rates.frames_per_second;
    return true;
  }

  std::vector<uint8_t> Headers() override {
    x265_nal* nals = nullptr;
    uint32_t count = 0;
    std::vector<uint8_t> bytes;
    if (X265()->encoder_headers(encoder_, &nals, &count) < 0) return bytes;
    for (uint32_t i = 0; i < count; ++i) bytes.insert(bytes.end(), nals[i].payload, nals[i].payload + nals[i].sizeBytes);
    return bytes;
  }

 private:
  // A rate control of its own: x265's keeps its first bit rate, although encoder_reconfig() accepts another. Six steps of the
  // quantizer are half the bits; what frames took too much is given back within half a second.
  void Adapt(double bits, bool key) {
    owed_ = std::clamp(owed_ + bits - frame_bits_, -15 * frame_bits_, 15 * frame_bits_);
    if (key) return;
    const double wanted = std::max(0.3 * frame_bits_, frame_bits_ - owed_ / 15);
    quantizer_ = std::clamp(quantizer_ + std::clamp(3 * std::log2(bits / wanted), -3.0, 3.0), 12.0, 51.0);
  }

  x265_param* parameters_ = nullptr;
  x265_encoder* encoder_ = nullptr;
  double frame_bits_ = 0, owed_ = 0, quantizer_ = 30;
  int64_t frame_ = 0;
};

template <typename Function>
Function De265(const char* name) {
  return reinterpret_cast<Function>(LibraryFunction("libde265.so.", name));
}

#define DE265(name) De265<decltype(&name)>(#name)

class De265Decoder : public Decoder {
 public:
  ~De265Decoder() override {
    if (decoder_) DE265(de265_free_decoder)(decoder_);
  }

  bool Init() {
    decoder_ = DE265(de265_new_decoder)();
    return decoder_ != nullptr;
  }

  bool Decode(const uint8_t* data, size_t size, std::vector<Picture>& pictures) override {
    static const auto push = DE265(de265_push_data);
    static const auto end_frame = DE265(de265_push_end_of_frame);
    static const auto decode = DE265(de265_decode);
    static const auto next = DE265(de265_get_next_picture);
    if (push(decoder_, data, static_cast<int>(size), 0, nullptr) != DE265_OK) return false;
    end_frame(decoder_);
    for (int more = 1; more;) {
      more = 0;
      const de265_error error = decode(decoder_, &more);
      // There is more to do as long as a picture is left.
      while (const de265_image* image = next(decoder_)) Append(image, pictures);
      if (error == DE265_ERROR_WAITING_FOR_INPUT_DATA) break;
      if (error != DE265_OK) return false;
    }
    return true;
  }

 private:
  static void Append(const de265_image* image, std::vector<Picture>& pictures) {
    static const auto width = DE265(de265_get_image_width);
    static const auto height = DE265(de265_get_image_height);
    static const auto plane = DE265(de265_get_image_plane);
    int y_pitch = 0, pitch = 0;
    const uint8_t* y = plane(image, 0, &y_pitch);
    const uint8_t* u = plane(image, 1, &pitch);
    const uint8_t* v = plane(image, 2, &pitch);
    Picture& picture = pictures.emplace_back();
    picture.Resize(width(image, 0), height(image, 0));
    FromI420(picture, y, static_cast<size_t>(y_pitch), u, v, static_cast<size_t>(pitch));
  }

  de265_decoder_context* decoder_ = nullptr;
};

}  // namespace

bool HasX265() { return X265() != nullptr; }

bool HasDe265() { return DE265(de265_new_decoder) != nullptr; }

std::unique_ptr<Encoder> MakeX265Encoder(const EncoderSettings& settings) {
  auto encoder = std::make_unique<X265Encoder>();
  return encoder->Init(settings) ? std::move(encoder) : nullptr;
}

std::unique_ptr<Decoder> MakeDe265Decoder() {
  auto decoder = std::make_unique<De265Decoder>();
  return decoder->Init() ? std::move(decoder) : nullptr;
}

}  // namespace standin

#else

// The machine's release has neither: no stand-in offers H.265.
namespace standin {

bool HasX265() { return false; }
bool HasDe265() { return false; }
std::unique_ptr<Encoder> MakeX265Encoder(const EncoderSettings&) { return nullptr; }
std::unique_ptr<Decoder> MakeDe265Decoder() { return nullptr; }

}  // namespace standin
#endif
