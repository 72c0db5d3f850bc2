// The JSON documents of sora_ffi/peer.h, validated and converted to libwebrtc's types.
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
  bool sync = false;  // synchronise received audio and video of one stream
};

struct SenderOptions {
  std::string mid;
  std::vector<std::string> stream_ids;
  std::optional<webrtc::DegradationPreference> degradation_preference;
};

struct Encodings {
  std::string mid;
  std::vector<webrtc::RtpEncodingParameters> encodings;
};

// All throw SORA_ERROR_INVALID_ARGUMENT with the path of what is wrong, but never with the value: it may be a secret.
PeerConfiguration ParseConfiguration(std::string_view json);
SenderOptions ParseSenderOptions(std::string_view json);
Encodings ParseEncodings(std::string_view json);

}  // namespace sora

#endif
