#include "codecs/hardware/formats.h"

#include "codecs/hardware/h265_level.h"
#include "media/base/media_constants.h"

namespace sora {

std::vector<webrtc::SdpVideoFormat> HardwareFormats(const std::string& codec, int temporal_layers) {
  const bool encoder = temporal_layers > 0;
  std::vector<webrtc::SdpVideoFormat> formats;
  if (codec == "H264") {
    // Level 5.2. A frame is one slice, which does not fit a packet: an encoder has packetization mode 1 alone (RFC 6184).
    for (const char* profile : {"42e034", "420034", "4d0034", "640034", "640c34"})
      for (const char* mode : {"1", "0"}) {
        if (encoder && *mode == '0') continue;
        formats.emplace_back(codec, webrtc::CodecParameterMap{{cricket::kH264FmtpProfileLevelId, profile},
                                                              {cricket::kH264FmtpLevelAsymmetryAllowed, "1"},
                                                              {cricket::kH264FmtpPacketizationMode, mode}});
      }
  } else if (codec == "H265") {
    formats.emplace_back(codec, webrtc::CodecParameterMap{{cricket::kH265FmtpProfileId, "1"},
                                                          {cricket::kH265FmtpTierFlag, "0"},
                                                          {cricket::kH265FmtpLevelId, std::to_string(kHighestH265Level)},
                                                          {cricket::kH265FmtpTxMode, "SRST"}});
  } else if (codec == "AV1") {
    formats.emplace_back(
        codec, webrtc::CodecParameterMap{
                   {cricket::kAv1FmtpProfile, "0"}, {cricket::kAv1FmtpLevelIdx, "5"}, {cricket::kAv1FmtpTier, "0"}});
  } else if (codec == "VP9") {
    formats.emplace_back(codec, webrtc::CodecParameterMap{{cricket::kVP9ProfileId, "0"}});
  } else {
    formats.emplace_back(codec);
  }
  for (auto& format : formats) {
    if (temporal_layers >= 1) format.scalability_modes.push_back(webrtc::ScalabilityMode::kL1T1);
    if (temporal_layers >= 2) format.scalability_modes.push_back(webrtc::ScalabilityMode::kL1T2);
    if (temporal_layers >= 3) format.scalability_modes.push_back(webrtc::ScalabilityMode::kL1T3);
  }
  return formats;
}

webrtc::H264Profile ProfileOf(const webrtc::SdpVideoFormat& format) {
  const auto parsed = webrtc::ParseSdpForH264ProfileLevelId(format.parameters);
  return parsed ? parsed->profile : webrtc::H264Profile::kProfileConstrainedBaseline;
}

}  // namespace sora
