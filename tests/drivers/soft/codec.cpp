#include "soft/codec.h"

#include <cstring>

#include "soft/control.h"

namespace standin {
namespace {

// Codes the first frame, and hands out the same bytes ever after.
class NullEncoder : public Encoder {
 public:
  explicit NullEncoder(std::unique_ptr<Encoder> encoder) : encoder_(std::move(encoder)) {}

  bool Encode(const Picture& picture, bool, Coded& coded) override {
    const Work work;
    if (first_.bytes.empty() && !encoder_->Encode(picture, true, first_)) return false;
    coded = first_;
    return true;
  }
  bool SetRates(const Rates&) override { return true; }
  std::vector<uint8_t> Headers() override { return encoder_->Headers(); }

 private:
  std::unique_ptr<Encoder> encoder_;
  Coded first_;
};

class NullDecoder : public Decoder {
 public:
  explicit NullDecoder(std::unique_ptr<Decoder> decoder) : decoder_(std::move(decoder)) {}

  bool Decode(const uint8_t* data, size_t size, std::vector<Picture>& pictures) override {
    const Work work;
    if (first_.empty() && !decoder_->Decode(data, size, first_)) return false;
    pictures.insert(pictures.end(), first_.begin(), first_.end());
    return true;
  }

 private:
  std::unique_ptr<Decoder> decoder_;
  std::vector<Picture> first_;
};

constexpr int64_t kWithoutEncodingVp9 = 32;

bool Without(Codec codec) { return Get(Setting::kWithout) >> static_cast<int>(codec) & 1; }

void Copy(uint8_t* to, size_t to_pitch, const uint8_t* from, size_t from_pitch, int width, int height) {
  for (int row = 0; row < height; ++row) memcpy(to + row * to_pitch, from + row * from_pitch, width);
}

}  // namespace

int MostLayers() { return Get(Setting::kLayers) ? static_cast<int>(Get(Setting::kLayers)) : 3; }

int LayerAt(int64_t position, int layers) {
  static constexpr int kThree[] = {0, 2, 1, 2};
  return layers == 1 ? 0 : layers == 2 ? static_cast<int>(position % 2) : kThree[position % 4];
}

void Picture::Resize(int new_width, int new_height) {
  const Work work;
  width = new_width;
  height = new_height;
  const size_t chroma = static_cast<size_t>((width + 1) / 2) * ((height + 1) / 2);
  y.resize(static_cast<size_t>(width) * height);
  u.resize(chroma);
  v.resize(chroma);
}

void FromNv12(Picture& picture, const uint8_t* y, size_t y_pitch, const uint8_t* uv, size_t uv_pitch) {
  const Work work;
  Copy(picture.y.data(), picture.width, y, y_pitch, picture.width, picture.height);
  const int width = (picture.width + 1) / 2, height = (picture.height + 1) / 2;
  for (int row = 0; row < height; ++row) {
    for (int x = 0; x < width; ++x) {
      picture.u[static_cast<size_t>(row) * width + x] = uv[row * uv_pitch + 2 * x];
      picture.v[static_cast<size_t>(row) * width + x] = uv[row * uv_pitch + 2 * x + 1];
    }
  }
}

void ToNv12(const Picture& picture, uint8_t* y, size_t y_pitch, uint8_t* uv, size_t uv_pitch) {
  const Work work;
  Copy(y, y_pitch, picture.y.data(), picture.width, picture.width, picture.height);
  const int width = (picture.width + 1) / 2, height = (picture.height + 1) / 2;
  for (int row = 0; row < height; ++row) {
    for (int x = 0; x < width; ++x) {
      uv[row * uv_pitch + 2 * x] = picture.u[static_cast<size_t>(row) * width + x];
      uv[row * uv_pitch + 2 * x + 1] = picture.v[static_cast<size_t>(row) * width + x];
    }
  }
}

void FromI420(Picture& picture, const uint8_t* y, size_t y_pitch, const uint8_t* u, const uint8_t* v, size_t pitch) {
  const Work work;
  Copy(picture.y.data(), picture.width, y, y_pitch, picture.width, picture.height);
  const int width = (picture.width + 1) / 2, height = (picture.height + 1) / 2;
  Copy(picture.u.data(), width, u, pitch, width, height);
  Copy(picture.v.data(), width, v, pitch, width, height);
}

bool CanEncode(Codec codec) {
  if (codec == Codec::kVp8 || Without(codec)) return false;
  if (codec == Codec::kVp9) return !(Get(Setting::kWithout) & kWithoutEncodingVp9);
  return codec != Codec::kH265 || HasX265();
}

bool CanDecode(Codec codec) { return !Without(codec) && (codec != Codec::kH265 || HasDe265()); }

std::unique_ptr<Encoder> MakeEncoder(const EncoderSettings& settings) {
  if (!CanEncode(settings.codec)) return nullptr;
  std::unique_ptr<Encoder> encoder;
  switch (settings.codec) {
    case Codec::kH264: encoder = MakeOpenH264Encoder(settings); break;
    case Codec::kH265: encoder = MakeX265Encoder(settings); break;
    case Codec::kAv1: encoder = MakeAomEncoder(settings); break;
    case Codec::kVp9: encoder = MakeVp9Encoder(settings); break;
    case Codec::kVp8: break;
  }
  if (encoder && Get(Setting::kNull)) encoder = std::make_unique<NullEncoder>(std::move(encoder));
  return encoder;
}

std::unique_ptr<Decoder> MakeDecoder(Codec codec) {
  if (!CanDecode(codec)) return nullptr;
  std::unique_ptr<Decoder> decoder;
  switch (codec) {
    case Codec::kH264: decoder = MakeOpenH264Decoder(); break;
    case Codec::kH265: decoder = MakeDe265Decoder(); break;
    case Codec::kAv1: decoder = MakeAomDecoder(); break;
    case Codec::kVp8:
    case Codec::kVp9: decoder = MakeVpxDecoder(codec); break;
  }
  if (decoder && Get(Setting::kNull)) decoder = std::make_unique<NullDecoder>(std::move(decoder));
  return decoder;
}

}  // namespace standin
