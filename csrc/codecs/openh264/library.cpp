#include "codecs/openh264/library.h"

#include <new>

#include "core/result.h"
#include "os/shared_library.h"

namespace sora {
namespace {

// What encoders of 2.3 to 2.5 write: 2.6 added PSNR values to each layer, so the array has another stride.
struct LayerInfo23 {
  unsigned char temporal_id, spatial_id, quality_id;
  EVideoFrameType frame_type;
  unsigned char layer_type;
  int sub_sequence_id;
  int iNalCount;
  int* pNalLengthInByte;
  unsigned char* pBsBuf;
};
struct FrameInfo23 {
  int iLayerNum;
  LayerInfo23 sLayerInfo[MAX_LAYER_NUM_OF_FRAME];
  EVideoFrameType eFrameType;
  int iFrameSizeInBytes;
  long long uiTimeStamp;
};

template <typename Function>
void Resolve(void* library, const std::string& path, const char* name, Function& function) {
  function = reinterpret_cast<Function>(FindFunction(library, name));
  if (!function) throw Error(SORA_ERROR_UNSUPPORTED, "openh264: " + path + " is not OpenH264: it has no " + name);
}

}  // namespace

std::shared_ptr<OpenH264Library> OpenH264Library::Load(const std::string& path) {
  std::shared_ptr<OpenH264Library> self(new OpenH264Library);
  std::string reason;
  self->library_ = OpenLibrary(path, reason);
  if (!self->library_) throw Error(SORA_ERROR_UNSUPPORTED, "openh264: " + path + " cannot be opened: " + reason);
  void (*get_version)(OpenH264Version*) = nullptr;
  Resolve(self->library_, path, "WelsGetCodecVersionEx", get_version);
  Resolve(self->library_, path, "WelsCreateSVCEncoder", self->create_encoder_);
  Resolve(self->library_, path, "WelsDestroySVCEncoder", self->destroy_encoder_);
  Resolve(self->library_, path, "WelsCreateDecoder", self->create_decoder_);
  Resolve(self->library_, path, "WelsDestroyDecoder", self->destroy_decoder_);
  get_version(&self->version_);
  if (self->version_.uMajor != 2 || self->version_.uMinor < 3 || self->version_.uMinor > 6)
    throw Error(SORA_ERROR_UNSUPPORTED,
                "openh264: " + path + " is version " + self->version() + "; supported are versions 2.3 to 2.6");
  return self;
}

OpenH264Library::~OpenH264Library() {
  if (library_) CloseLibrary(library_);
}

std::string OpenH264Library::version() const {
  return std::to_string(version_.uMajor) + "." + std::to_string(version_.uMinor) + "." + std::to_string(version_.uRevision);
}

ISVCEncoder* OpenH264Library::CreateEncoder() {
  ISVCEncoder* encoder = nullptr;
  return create_encoder_(&encoder) == 0 ? encoder : nullptr;
}

ISVCDecoder* OpenH264Library::CreateDecoder() {
  ISVCDecoder* decoder = nullptr;
  return create_decoder_(&decoder) == 0 ? decoder : nullptr;
}

template <typename Info>
bool OpenH264Library::EncodeAs(ISVCEncoder& encoder, const SSourcePicture& picture, std::vector<uint8_t>& frame, bool& key) {
  Info info{};
  if (encoder.EncodeFrame(&picture, reinterpret_cast<SFrameBSInfo*>(&info)) != cmResultSuccess) return false;
  frame.clear();
  key = info.eFrameType == videoFrameTypeIDR;
  if (info.eFrameType == videoFrameTypeSkip || info.eFrameType == videoFrameTypeInvalid) return true;
  for (int i = 0; i < info.iLayerNum; ++i) {
    const auto& layer = info.sLayerInfo[i];
    size_t size = 0;
    for (int nal = 0; nal < layer.iNalCount; ++nal) size += static_cast<size_t>(layer.pNalLengthInByte[nal]);
    frame.insert(frame.end(), layer.pBsBuf, layer.pBsBuf + size);
  }
  return true;
}

bool OpenH264Library::Encode(ISVCEncoder& encoder, const SSourcePicture& picture, std::vector<uint8_t>& frame, bool& key) {
  return version_.uMinor >= 6 ? EncodeAs<SFrameBSInfo>(encoder, picture, frame, key)
                              : EncodeAs<FrameInfo23>(encoder, picture, frame, key);
}

}  // namespace sora
