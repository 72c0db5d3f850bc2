// Software codecs behind one interface, which stand-ins for drivers encode and decode with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace standin {

enum class Codec { kH264, kH265, kAv1, kVp8, kVp9 };

// A frame in I420, without padding. Width and height are even.
struct Picture {
  int width = 0, height = 0;
  std::vector<uint8_t> y, u, v;

  void Resize(int new_width, int new_height);
};

// Fills a picture, which has its size, out of NV12; and the other way round.
void FromNv12(Picture& picture, const uint8_t* y, size_t y_pitch, const uint8_t* uv, size_t uv_pitch);
void ToNv12(const Picture& picture, uint8_t* y, size_t y_pitch, uint8_t* uv, size_t uv_pitch);
// The same from three planes.
void FromI420(Picture& picture, const uint8_t* y, size_t y_pitch, const uint8_t* u, const uint8_t* v, size_t pitch);

struct Rates {
  int64_t bits_per_second = 0;
  double frames_per_second = 30;
};

struct EncoderSettings {
  Codec codec = Codec::kH264;
  int width = 0, height = 0;
  Rates rates;
  // profile_idc of H.264: 66 baseline, 77 main, 100 high.
  int h264_profile = 66;
  // Temporal layers of H.264, AV1 and VP9, 1 to 3: 0 1, or 0 2 1 2, from each key frame on.
  int layers = 1;
  // Whether H.264 says the layer in front of each slice.
  bool h264_prefix = false;
};

struct Coded {
  std::vector<uint8_t> bytes;
  bool key = false;
  // On the codec's own scale.
  int qp = 0;
  int temporal_id = 0;
};

// The layer of a frame by its place behind a key frame.
int LayerAt(int64_t position, int layers);

// The setting `layers`.
int MostLayers();

class Encoder {
 public:
  virtual ~Encoder() = default;
  // Each frame is coded in its own call; a key frame has its parameter sets in front.
  virtual bool Encode(const Picture& picture, bool key, Coded& coded) = 0;
  virtual bool SetRates(const Rates& rates) = 0;
  // The parameter sets, or the sequence header.
  virtual std::vector<uint8_t> Headers() = 0;
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  // Appends the pictures that the data completes: of one coded frame none or one.
  virtual bool Decode(const uint8_t* data, size_t size, std::vector<Picture>& pictures) = 0;
};

// Null where there is no such codec: x265 and libde265 are opened when they are asked for, and the setting `without` takes codecs away.
std::unique_ptr<Encoder> MakeEncoder(const EncoderSettings& settings);
std::unique_ptr<Decoder> MakeDecoder(Codec codec);
bool CanEncode(Codec codec);
bool CanDecode(Codec codec);

// Of each library.
std::unique_ptr<Encoder> MakeOpenH264Encoder(const EncoderSettings& settings);
std::unique_ptr<Decoder> MakeOpenH264Decoder();
std::unique_ptr<Encoder> MakeX265Encoder(const EncoderSettings& settings);
std::unique_ptr<Decoder> MakeDe265Decoder();
bool HasX265();
bool HasDe265();
std::unique_ptr<Encoder> MakeAomEncoder(const EncoderSettings& settings);
std::unique_ptr<Decoder> MakeAomDecoder();
std::unique_ptr<Encoder> MakeVp9Encoder(const EncoderSettings& settings);
std::unique_ptr<Decoder> MakeVpxDecoder(Codec codec);

}  // namespace standin
