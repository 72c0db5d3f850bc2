// The remote tracks of a peer connection, reported as SORA_EVENT_TRACK and SORA_EVENT_TRACK_REMOVED.
#ifndef SORA_PEER_RECEIVED_TRACKS_H
#define SORA_PEER_RECEIVED_TRACKS_H

#include <map>
#include <memory>
#include <set>
#include <string>

#include "api/rtp_transceiver_interface.h"
#include "peer/offered_video.h"
#include "runtime/runtime.h"

namespace sora {

// On the signaling thread.
class ReceivedTracks {
 public:
  explicit ReceivedTracks(std::shared_ptr<Runtime> runtime) : runtime_(std::move(runtime)) {}

  // Reports the tracks of this peer, of whose last offer the video is `offered`.
  void Start(uint32_t peer, const OfferedVideo* offered);

  // The stream ids of the last offer by mid, where libwebrtc does not know them.
  void SetStreamIds(std::map<std::string, std::string> stream_ids) { stream_ids_ = std::move(stream_ids); }

  void Add(webrtc::RtpTransceiverInterface& transceiver);
  void Remove(webrtc::RtpReceiverInterface& receiver);
  // Reports, once each, video of the last offer that libwebrtc cannot receive.
  void ReportUnreceivable();

  // Closes all tracks.
  void Close();

 private:
  const std::shared_ptr<Runtime> runtime_;
  uint32_t peer_ = 0;
  const OfferedVideo* offered_ = nullptr;
  std::map<std::string, std::string> stream_ids_;
  std::map<webrtc::RtpReceiverInterface*, uint32_t> tracks_;
  std::set<uint32_t> removed_;                       // handles of removed tracks
  std::map<std::string, std::string> unreceivable_;  // streams that were reported as such, by mid
};

}  // namespace sora

#endif
