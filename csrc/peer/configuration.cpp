#include "peer/configuration.h"

#include <utility>

#include "core/json.h"
#include "core/result.h"

namespace sora {
namespace {

webrtc::RtpEncodingParameters ParseEncoding(const Json& json, const std::string& path) {
  if (!json.object()) Refuse(path, "an object");
  const std::string inside = path + ".";
  constexpr double kMaxInt = 2'147'483'647;
  webrtc::RtpEncodingParameters encoding;
  encoding.rid = Text(json, "rid", inside);
  encoding.active = OptionalBool(json, "active", inside).value_or(true);
  if (const auto v = OptionalNumber(json, "maxBitrate", 0, kMaxInt, inside)) encoding.max_bitrate_bps = static_cast<int>(*v);
  if (const auto v = OptionalNumber(json, "minBitrate", 0, kMaxInt, inside)) encoding.min_bitrate_bps = static_cast<int>(*v);
  if (const auto v = OptionalNumber(json, "maxFramerate", 0, 1000, inside)) encoding.max_framerate = *v;
  if (const auto v = OptionalNumber(json, "scaleResolutionDownBy", 1, 1000, inside)) encoding.scale_resolution_down_by = *v;
  if (const Json* const to = json.Find("scaleResolutionDownTo")) {
    if (!to->object()) Refuse(inside + "scaleResolutionDownTo", "an object");
    const std::string to_path = inside + "scaleResolutionDownTo.";
    const auto width = OptionalNumber(*to, "maxWidth", 1, 16'384, to_path);
    const auto height = OptionalNumber(*to, "maxHeight", 1, 16'384, to_path);
    if (!width || !height) Refuse(inside + "scaleResolutionDownTo", "an object with maxWidth and maxHeight");
    encoding.requested_resolution = webrtc::Resolution{static_cast<int>(*width), static_cast<int>(*height)};
  }
  if (const auto v = OptionalText(json, "scalabilityMode", inside)) encoding.scalability_mode = *v;
  encoding.adaptive_ptime = OptionalBool(json, "adaptivePtime", inside).value_or(false);
  return encoding;
}

constexpr std::pair<std::string_view, webrtc::DegradationPreference> kPreferences[] = {
    {"disabled", webrtc::DegradationPreference::DISABLED},
    {"balanced", webrtc::DegradationPreference::BALANCED},
    {"maintain-framerate", webrtc::DegradationPreference::MAINTAIN_FRAMERATE},
    {"maintain-resolution", webrtc::DegradationPreference::MAINTAIN_RESOLUTION},
};

}  // namespace

PeerConfiguration ParseConfiguration(std::string_view text) {
  using PeerConnection = webrtc::PeerConnectionInterface;
  const Json json = ParseObject(text, "configuration");
  PeerConfiguration result;
  result.network = ParseNetworkSettings(json);
  result.sync = OptionalBool(json, "sync", "").value_or(false);
  PeerConnection::RTCConfiguration& configuration = result.rtc;
  configuration.sdp_semantics = webrtc::SdpSemantics::kUnifiedPlan;
  configuration.bundle_policy = PeerConnection::kBundlePolicyMaxBundle;
  configuration.rtcp_mux_policy = PeerConnection::kRtcpMuxPolicyRequire;
  // When a machine's addresses change, the connection moves to the new ones. Where an old one fails silently, as within the
  // same subnet, the only sign is that nothing comes back any more: noticed within a second, if pings are more frequent.
  configuration.continual_gathering_policy = PeerConnection::GATHER_CONTINUALLY;
  configuration.ice_connection_receiving_timeout = 1000;
  configuration.stable_writable_connection_ping_interval_ms = 500;
  configuration.ice_unwritable_timeout = 3000;
  // Frames leave the decoder at once; a program that wants them evenly spaced has their timestamps. Synchronised with audio,
  // they are evenly spaced.
  configuration.set_prerenderer_smoothing(result.sync);
  webrtc::CryptoOptions crypto;
  crypto.srtp.enable_gcm_crypto_suites = true;
  configuration.crypto_options = crypto;

  if (const auto policy = OptionalText(json, "iceTransportPolicy", "")) {
    if (*policy == "relay") {
      configuration.type = PeerConnection::kRelay;
    } else if (*policy != "all") {
      Refuse("iceTransportPolicy", "\"all\" or \"relay\"");
    }
  }
  if (const Json* const found = json.Find("iceServers")) {
    const Json::Array* const servers = found->array();
    if (!servers) Refuse("iceServers", "an array");
    for (size_t i = 0; i < servers->size(); ++i) {
      const Json& entry = (*servers)[i];
      const std::string path = "iceServers[" + std::to_string(i) + "]";
      if (!entry.object()) Refuse(path, "an object");
      PeerConnection::IceServer server;
      const Json* const urls = entry.Find("urls");
      if (!urls || !urls->array()) Refuse(path + ".urls", "an array of strings");
      for (const Json& url : *urls->array()) {
        if (!url.text()) Refuse(path + ".urls", "an array of strings");
        server.urls.push_back(*url.text());
      }
      if (const auto v = OptionalText(entry, "username", path + ".")) server.username = *v;
      if (const auto v = OptionalText(entry, "credential", path + ".")) server.password = *v;
      configuration.servers.push_back(std::move(server));
    }
  }
  return result;
}

SenderOptions ParseSenderOptions(std::string_view text) {
  const Json json = ParseObject(text, "options");
  SenderOptions options;
  options.mid = Text(json, "mid", "");
  if (const auto id = OptionalText(json, "streamId", "")) options.stream_ids.push_back(*id);
  if (const auto preference = OptionalText(json, "degradationPreference", "")) {
    for (const auto& [name, known] : kPreferences)
      if (*preference == name) options.degradation_preference = known;
    if (!options.degradation_preference)
      Refuse("degradationPreference", "\"disabled\", \"balanced\", \"maintain-framerate\" or \"maintain-resolution\"");
  }
  return options;
}

Encodings ParseEncodings(std::string_view text) {
  const Json json = ParseObject(text, "encodings");
  Encodings result;
  result.mid = Text(json, "mid", "");
  const Json* const found = json.Find("encodings");
  const Json::Array* const encodings = found ? found->array() : nullptr;
  if (!encodings || encodings->empty() || encodings->size() > 16) Refuse("encodings", "an array of 1 to 16 objects");
  for (size_t i = 0; i < encodings->size(); ++i)
    result.encodings.push_back(ParseEncoding((*encodings)[i], "encodings[" + std::to_string(i) + "]"));
  return result;
}

}  // namespace sora
