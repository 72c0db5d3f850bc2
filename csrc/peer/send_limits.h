// The bandwidth that an offer allows for video, as the limit of the encodings.
#ifndef SORA_PEER_SEND_LIMITS_H
#define SORA_PEER_SEND_LIMITS_H

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/rtp_parameters.h"
#include "pc/session_description.h"

namespace sora {

// libwebrtc takes the limit of one media description (b=AS of RFC 8866, b=TIAS of RFC 3890, x-google-max-bitrate) for that of the
// whole call: its estimate stops there, and its pacer spreads each large frame over the time that the limit leaves. As the maximum
// of the encodings it holds for the encoder alone.
class SendLimits {
 public:
  // Moves the limits of an offer's video here; those of the offer before are forgotten.
  void Take(cricket::SessionDescription& offer);

  // Takes note of what is asked of the encodings of a mid whatever the offer allows.
  void Ask(const std::string& mid, const std::vector<webrtc::RtpEncodingParameters>& encodings);

  // Sets the maximum of each encoding of a mid that was asked for: what was asked, within the encoding's share of what the offer
  // allows. Returns whether that changes something.
  bool Apply(const std::string& mid, webrtc::RtpParameters& parameters) const;

 private:
  struct Asked {
    std::optional<int> min_bitrate_bps, max_bitrate_bps;
  };

  std::map<std::string, double> allowed_;            // bit/s, by mid
  std::map<std::string, std::vector<Asked>> asked_;  // by mid, one for each encoding
};

}  // namespace sora

#endif
