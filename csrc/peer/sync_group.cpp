#include "peer/sync_group.h"

#include "pc/session_description.h"

namespace sora {

std::map<std::string, std::string> LeaveSyncGroups(webrtc::SessionDescriptionInterface& offer) {
  std::map<std::string, std::string> offered;
  for (auto& content : offer.description()->contents()) {
    cricket::MediaContentDescription& media = *content.media_description();
    if (media.type() != cricket::MEDIA_TYPE_VIDEO) continue;
    for (cricket::StreamParams& stream : media.mutable_streams()) {
      const auto ids = stream.stream_ids();
      if (!ids.empty()) offered.emplace(content.mid(), ids[0]);
      stream.set_stream_ids({});
    }
  }
  return offered;
}

}  // namespace sora
