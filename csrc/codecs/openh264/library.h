// Cisco's OpenH264, opened at run time from a path that the user provides.
#ifndef SORA_CODECS_OPENH264_LIBRARY_H
#define SORA_CODECS_OPENH264_LIBRARY_H

#include <wels/codec_api.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sora {

class OpenH264Library {
 public:
  // Throws SORA_ERROR_UNSUPPORTED with the path and the loader's text, or the version, when it is not usable.
  static std::shared_ptr<OpenH264Library> Load(const std::string& path);
  ~OpenH264Library();

  // Such as "2.3.1".
  std::string version() const;

  ISVCEncoder* CreateEncoder();
  void Destroy(ISVCEncoder* encoder) { destroy_encoder_(encoder); }
  ISVCDecoder* CreateDecoder();
  void Destroy(ISVCDecoder* decoder) { destroy_decoder_(decoder); }

  // Encodes one picture; frame receives its NAL units with start codes, and is empty if the encoder skipped it. False on failure.
  bool Encode(ISVCEncoder& encoder, const SSourcePicture& picture, std::vector<uint8_t>& frame, bool& key);

 private:
  OpenH264Library() = default;
  template <typename Info>
  bool EncodeAs(ISVCEncoder& encoder, const SSourcePicture& picture, std::vector<uint8_t>& frame, bool& key);

  void* library_ = nullptr;
  OpenH264Version version_{};
  int (*create_encoder_)(ISVCEncoder**) = nullptr;
  void (*destroy_encoder_)(ISVCEncoder*) = nullptr;
  long (*create_decoder_)(ISVCDecoder**) = nullptr;
  void (*destroy_decoder_)(ISVCDecoder*) = nullptr;
};

}  // namespace sora

#endif
