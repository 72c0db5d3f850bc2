// The JSON documents of sora_ffi/peer.h, checked and turned into libwebrtc's types.
#ifndef SORA_PEER_CONFIGURATION_H
#define SORA_PEER_CONFIGURATION_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/peer_connection_interface.h"
#include "api/rtp_parameters.h"
#include "net/settings.h"

namespace sora {

struct PeerConfiguration {
  webrtc::PeerConnectionInterface::RTCConfiguration rtc;
  NetworkSettings network;
  bool sync = false;  // play audio and video of one stream in time with each other
};

struct SenderOptions {
  std::string mid;
  std::vector<std::string> stream_ids;
  std::optional<webrtc::DegradationPreference> degradation_preference;
  std::optional<int> max_bitrate_bps;
};

struct Encodings {
  std::string mid;
  std::vector<webrtc::RtpEncodingParameters> encodings;
};

// All throw SORA_ERROR_INVALID_ARGUMENT with the path of what is wrong, and never with a value: it may be a secret.
PeerConfiguration ParseConfiguration(std::string_view json);
SenderOptions ParseSenderOptions(std::string_view json);
Encodings ParseEncodings(std::string_view json);

// What "degradationPreference" says in JSON.
const char* NameOf(webrtc::DegradationPreference preference);

}  // namespace sora

#endif
