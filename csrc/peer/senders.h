// The senders of a peer connection: their tracks, and the parameters that hold over later offers.
#ifndef SORA_PEER_SENDERS_H
#define SORA_PEER_SENDERS_H

#include <map>
#include <string>

#include "api/peer_connection_interface.h"
#include "media/transformer.h"
#include "peer/configuration.h"
#include "peer/offered_video.h"
#include "peer/send_limits.h"

namespace sora {

// On the signaling thread. What is refused throws an Error.
class Senders {
 public:
  using Track = rtc::scoped_refptr<webrtc::MediaStreamTrackInterface>;

  // Takes the limits out of an offer, before it is applied.
  void TakeLimits(cricket::SessionDescription& offer) { limits_.Take(offer); }

  // Each finds its sender by the mid of an applied offer.
  void Add(webrtc::PeerConnectionInterface& connection, const OfferedVideo& offered, const Track& track,
           const SenderOptions& options);
  void SetEncodings(webrtc::PeerConnectionInterface& connection, Encodings encodings);
  static void Replace(webrtc::PeerConnectionInterface& connection, const Track& track, const std::string& mid);
  static void SetTransformer(webrtc::PeerConnectionInterface& connection,
                             const rtc::scoped_refptr<FrameTransformer>& transformer, const std::string& mid);

  // After a negotiation: sets degradation preferences again where it changed them, and the limits of the present offer.
  void RestoreParameters(webrtc::PeerConnectionInterface& connection) const;

 private:
  std::map<std::string, webrtc::DegradationPreference> preferences_;  // by mid
  SendLimits limits_;
};

}  // namespace sora

#endif
