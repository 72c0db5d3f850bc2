#include "peer/stereo.h"

#include <string>

namespace sora {

void RequestStereo(const cricket::SessionDescription& offer, cricket::SessionDescription& answer) {
  for (auto& content : answer.contents()) {
    const auto* offered = offer.GetContentDescriptionByName(content.mid());
    if (!offered || !content.media_description()->as_audio()) continue;
    auto codecs = content.media_description()->codecs();
    for (auto& codec : codecs) {
      for (const auto& other : offered->codecs()) {
        std::string stereo;
        if (other.id == codec.id && other.GetParam("stereo", &stereo) && stereo == "1") codec.SetParam("stereo", "1");
      }
    }
    content.media_description()->set_codecs(codecs);
  }
}

}  // namespace sora
