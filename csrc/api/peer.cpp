#include "sora_ffi/peer.h"

#include "media/audio_source.h"
#include "media/video_source.h"
#include "peer/configuration.h"
#include "runtime/factory.h"
#include "peer/peer.h"

using namespace sora;

namespace {

std::string_view View(const uint8_t* data, uint32_t size) {
  Require(data || size == 0, "a buffer is null");
  return {reinterpret_cast<const char*>(data), size};
}

// The local track of a source, which must be of the same factory as the peer: tracks live on the threads of the factory.
rtc::scoped_refptr<webrtc::MediaStreamTrackInterface> TrackOf(uint32_t source, const Peer& peer) {
  const auto track = [&](const auto& found) -> rtc::scoped_refptr<webrtc::MediaStreamTrackInterface> {
    Require(found->runtime() == peer.runtime(), "the source is of another factory than the peer");
    return found->track();
  };
  return KindOf(source) == Kind::kVideoSource ? track(Find<VideoSource>(source)) : track(Find<AudioSource>(source));
}

}  // namespace

SORA_EXPORT int32_t sora_peer_create(uint32_t factory, const uint8_t* configuration, uint32_t configuration_size,
                                     uint32_t* out_peer) {
  return Guard([&] {
    Require(out_peer, "out_peer is null");
    auto parsed = ParseConfiguration(View(configuration, configuration_size));
    const auto owner = Find<Factory>(factory);
    const auto peer = std::make_shared<Peer>(owner->runtime());
    const uint32_t handle = Open(Peer::kKind, peer);
    peer->Start(handle, std::move(parsed));
    owner->Adopt(handle);
    *out_peer = handle;
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_peer_set_remote_offer(uint32_t peer, const uint8_t* sdp, uint32_t sdp_size, uint32_t request) {
  return Guard([&] {
    Find<Peer>(peer)->SetRemoteOffer(std::string(View(sdp, sdp_size)), request);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_peer_add_sender(uint32_t peer, uint32_t source, const uint8_t* options, uint32_t options_size,
                                         uint32_t request) {
  return Guard([&] {
    const auto found = Find<Peer>(peer);
    found->AddSender(TrackOf(source, *found), ParseSenderOptions(View(options, options_size)), request);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_peer_set_encodings(uint32_t peer, const uint8_t* encodings, uint32_t encodings_size,
                                            uint32_t request) {
  return Guard([&] {
    const auto found = Find<Peer>(peer);
    found->SetEncodings(ParseEncodings(View(encodings, encodings_size)), request);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_peer_replace_source(uint32_t peer, uint32_t source, const uint8_t* mid, uint32_t mid_size,
                                             uint32_t request) {
  return Guard([&] {
    const auto found = Find<Peer>(peer);
    found->ReplaceSource(source ? TrackOf(source, *found) : nullptr, std::string(View(mid, mid_size)), request);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_peer_create_answer(uint32_t peer, uint32_t request) {
  return Guard([&] {
    Find<Peer>(peer)->CreateAnswer(request);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_peer_get_stats(uint32_t peer, uint32_t request) {
  return Guard([&] {
    Find<Peer>(peer)->GetStats(request);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_peer_close(uint32_t peer) {
  return Guard([&] {
    Take<Peer>(peer)->Close();
    return SORA_OK;
  });
}
